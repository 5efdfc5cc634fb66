#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "zero_pages.h"

namespace wyvern {

/// `calloc` takes large blocks from fresh pages, and a sanitizer watches their ends.
ZeroPages::ZeroPages(size_t size) : data_(static_cast<uint8_t*>(std::calloc(size > 0 ? size : 1, 1))), size_(size) {
    if (data_ == nullptr) {
        throw std::bad_alloc();
    }
}

ZeroPages::~ZeroPages() { std::free(data_); }

void ZeroPages::clear(size_t offset, size_t bytes) {
    uint8_t* const start = data_ + offset;
    uint8_t* const end = start + bytes;
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t before = (page - reinterpret_cast<uintptr_t>(start) % page) % page;
    const size_t after = reinterpret_cast<uintptr_t>(end) % page;
    // Dropped pages of private memory are zero when they are next used.
    if (before + after < bytes && madvise(start + before, bytes - before - after, MADV_DONTNEED) == 0) {
        std::memset(start, 0, before);
        std::memset(end - after, 0, after);
    } else {
        std::memset(start, 0, bytes);
    }
}

}  // namespace wyvern
