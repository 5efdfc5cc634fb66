#pragma once

#include <string>

namespace wyvern {

struct SharedLibrary {
    /// Null if loading failed.
    void* handle = nullptr;
    /// The loader's reason for the failure.
    std::string reason;
};

/// Loads a shared library by its absolute path (UTF-8) and keeps it for the life of the process, with its symbols
/// visible to later libraries. The system's loader then resolves its bare file name to this file.
SharedLibrary keep_shared_library(const std::string& path);

/// An exported function of a library, or null.
void* symbol_of(const SharedLibrary& library, const char* name);

/// Release in a library file's version resource, e.g. `2.49.40.0`; empty if there is none.
std::string file_release(const std::string& path);

/// Absolute path of this addon's folder, UTF-8; empty if unknown.
std::string own_folder();

/// File name of a library on this platform: `QnnHtp` → `libQnnHtp.so`, `QnnHtp.dll`.
std::string shared_library_name(const std::string& stem);

}  // namespace wyvern
