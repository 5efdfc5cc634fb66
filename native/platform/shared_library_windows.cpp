#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <filesystem>

#include "shared_library.h"

namespace wyvern {

std::string keep_shared_library(const std::string& path) {
    const std::filesystem::path wide(std::u8string(path.begin(), path.end()));
    // Looks for the library's own imports in its folder first; works only with an absolute path.
    if (LoadLibraryExW(wide.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH) != nullptr) {
        return {};
    }
    return "Windows error " + std::to_string(GetLastError());
}

std::string shared_library_name(const std::string& stem) { return stem + ".dll"; }

}  // namespace wyvern
