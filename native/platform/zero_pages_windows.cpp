#include <windows.h>

#include <new>

#include "zero_pages.h"

namespace wyvern {

ZeroPages::ZeroPages(size_t size) : size_(size) {
    if (size > 0) {
        data_ = static_cast<uint8_t*>(VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
        if (data_ == nullptr) {
            throw std::bad_alloc();
        }
    }
}

ZeroPages::~ZeroPages() {
    if (data_ != nullptr) {
        VirtualFree(data_, 0, MEM_RELEASE);
    }
}

void ZeroPages::clear(size_t offset, size_t bytes) {
    if (bytes == 0) {
        return;
    }
    if (VirtualFree(data_ + offset, bytes, MEM_DECOMMIT) == 0 ||
        VirtualAlloc(data_ + offset, bytes, MEM_COMMIT, PAGE_READWRITE) == nullptr) {
        throw std::bad_alloc();
    }
}

}  // namespace wyvern
