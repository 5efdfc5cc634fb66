#include <windows.h>

#include "../failure.h"
#include "mapped_file.h"
#include "paths.h"

namespace wyvern {

MappedFile::MappedFile(const std::string& path) {
    HANDLE file = CreateFileW(path_of(path).c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING,
                              FILE_FLAG_SEQUENTIAL_SCAN, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        const bool missing = GetLastError() == ERROR_FILE_NOT_FOUND || GetLastError() == ERROR_PATH_NOT_FOUND;
        throw Failure(missing ? FailureCode::file_not_found : FailureCode::file_unreadable,
                      path + " cannot be opened for reading.");
    }
    LARGE_INTEGER size{};
    HANDLE mapping =
        GetFileSizeEx(file, &size) != 0 ? CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr) : nullptr;
    // The view keeps the file open.
    void* view = mapping != nullptr ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : nullptr;
    if (mapping != nullptr) {
        CloseHandle(mapping);
    }
    CloseHandle(file);
    if (view == nullptr) {
        throw Failure(FailureCode::file_unreadable, path + " is empty, or cannot be mapped into memory.");
    }
    data_ = static_cast<const std::byte*>(view);
    size_ = static_cast<size_t>(size.QuadPart);
}

MappedFile::~MappedFile() { UnmapViewOfFile(data_); }

}  // namespace wyvern
