#include <windows.h>

#include <vector>

#include "paths.h"
#include "shared_library.h"

namespace wyvern {

SharedLibrary keep_shared_library(const std::string& path) {
    // Searches the library's folder first for its imports; needs an absolute path.
    if (HMODULE handle = LoadLibraryExW(path_of(path).c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH)) {
        return {reinterpret_cast<void*>(handle), {}};
    }
    return {nullptr, "Windows error " + std::to_string(GetLastError())};
}

void* symbol_of(const SharedLibrary& library, const char* name) {
    return reinterpret_cast<void*>(GetProcAddress(reinterpret_cast<HMODULE>(library.handle), name));
}

std::string file_release(const std::string& path) {
    const std::wstring file = path_of(path).wstring();
    DWORD ignored = 0;
    std::vector<char> resource(GetFileVersionInfoSizeW(file.c_str(), &ignored));
    VS_FIXEDFILEINFO* info = nullptr;
    UINT bytes = 0;
    if (resource.empty() ||
        !GetFileVersionInfoW(file.c_str(), 0, static_cast<DWORD>(resource.size()), resource.data()) ||
        !VerQueryValueW(resource.data(), L"\\", reinterpret_cast<void**>(&info), &bytes) || info == nullptr) {
        return {};
    }
    const auto part = [](DWORD word, bool high) { return std::to_string(high ? HIWORD(word) : LOWORD(word)); };
    return part(info->dwFileVersionMS, true) + "." + part(info->dwFileVersionMS, false) + "." +
           part(info->dwFileVersionLS, true) + "." + part(info->dwFileVersionLS, false);
}

std::string own_folder() {
    HMODULE self = nullptr;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            reinterpret_cast<LPCWSTR>(&own_folder), &self)) {
        return {};
    }
    // Paths may be longer than MAX_PATH.
    std::wstring path(32768, L'\0');
    path.resize(GetModuleFileNameW(self, path.data(), static_cast<DWORD>(path.size())));
    return utf8_of(std::filesystem::path(path).parent_path());
}

std::string shared_library_name(const std::string& stem) { return stem + ".dll"; }

}  // namespace wyvern
