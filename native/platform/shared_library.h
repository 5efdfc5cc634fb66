#pragma once

#include <string>

namespace wyvern {

struct SharedLibrary {
    /// Nothing if it could not be loaded.
    void* handle = nullptr;
    /// What the loader said then.
    std::string reason;
};

/// Loads a shared library by its absolute path (UTF-8) and keeps it for the life of the process, with its symbols
/// visible to what is loaded later: whoever then asks the system's loader for its bare file name gets this one.
SharedLibrary keep_shared_library(const std::string& path);

/// An exported function of a library, or nothing.
void* symbol_of(const SharedLibrary& library, const char* name);

/// Release that a library file carries in its version resource, e.g. `2.49.40.0`; empty where files have none.
std::string file_release(const std::string& path);

/// Absolute path of the folder that this addon was loaded from, UTF-8; empty if the system does not tell.
std::string own_folder();

/// File name of a library on this platform: `QnnHtp` → `libQnnHtp.so`, `QnnHtp.dll`.
std::string shared_library_name(const std::string& stem);

}  // namespace wyvern
