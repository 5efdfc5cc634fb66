#pragma once

#include <string>

namespace wyvern {

/// Loads a shared library by its absolute path (UTF-8) and keeps it for the life of the process, with its symbols
/// visible to what is loaded later: whoever then asks the system's loader for its bare file name gets this one.
/// Returns what the loader said if it failed, else nothing.
std::string keep_shared_library(const std::string& path);

/// File name of a library on this platform: `QnnHtp` → `libQnnHtp.so`, `QnnHtp.dll`.
std::string shared_library_name(const std::string& stem);

}  // namespace wyvern
