#include <windows.h>

#include <cstring>

#include "file_loader.h"
#include "paths.h"

namespace wyvern {

namespace {

using executorch::runtime::DataLoader;
using executorch::runtime::Error;
using executorch::runtime::FreeableBuffer;
using executorch::runtime::Result;

/// Upstream's loader takes a path in the system's code page, which has no place for most foreign letters.
class MappedFileLoader final : public DataLoader {
 public:
    MappedFileLoader(HANDLE file, HANDLE mapping, size_t size) : file_(file), mapping_(mapping), size_(size) {
        SYSTEM_INFO system;
        GetSystemInfo(&system);
        granularity_ = system.dwAllocationGranularity;
    }
    ~MappedFileLoader() override {
        CloseHandle(mapping_);
        CloseHandle(file_);
    }

    Result<FreeableBuffer> load(size_t offset, size_t size, const SegmentInfo&) const override {
        if (size == 0) {
            return FreeableBuffer(nullptr, 0, nullptr);
        }
        if (!inside(offset, size)) {
            return Error::InvalidArgument;
        }
        // A view begins at a multiple of the system's granularity, before the requested part.
        const size_t before = offset % granularity_;
        const uint64_t start = offset - before;
        void* view = MapViewOfFile(mapping_, FILE_MAP_READ, static_cast<DWORD>(start >> 32),
                                   static_cast<DWORD>(start & 0xffffffffu), before + size);
        if (view == nullptr) {
            return Error::AccessFailed;
        }
        return FreeableBuffer(static_cast<const char*>(view) + before, size, &unmap, view);
    }

    Error load_into(size_t offset, size_t size, const SegmentInfo& segment, void* buffer) const override {
        auto loaded = load(offset, size, segment);
        if (!loaded.ok()) {
            return loaded.error();
        }
        std::memcpy(buffer, loaded->data(), size);
        return Error::Ok;
    }

    Result<size_t> size() const override { return size_; }

 private:
    bool inside(size_t offset, size_t size) const { return offset <= size_ && size <= size_ - offset; }

    static void unmap(void* view, void*, size_t) { UnmapViewOfFile(view); }

    HANDLE file_;
    HANDLE mapping_;
    size_t size_;
    size_t granularity_;
};

}  // namespace

std::unique_ptr<DataLoader> map_file(const std::string& path) {
    HANDLE file = CreateFileW(path_of(path).c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING,
                              FILE_FLAG_RANDOM_ACCESS, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        return nullptr;
    }
    LARGE_INTEGER size{};
    HANDLE mapping =
        GetFileSizeEx(file, &size) ? CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr) : nullptr;
    if (mapping == nullptr) {
        CloseHandle(file);
        return nullptr;
    }
    return std::make_unique<MappedFileLoader>(file, mapping, static_cast<size_t>(size.QuadPart));
}

}  // namespace wyvern
