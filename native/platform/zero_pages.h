#pragma once

#include <cstddef>
#include <cstdint>

namespace wyvern {

/// A block of memory from the system. It is zero, and takes memory only as it fills.
class ZeroPages {
 public:
    /// Throws `std::bad_alloc`.
    explicit ZeroPages(size_t size);
    ZeroPages(const ZeroPages&) = delete;
    ZeroPages& operator=(const ZeroPages&) = delete;
    ~ZeroPages();

    uint8_t* data() const { return data_; }
    size_t size() const { return size_; }

    /// Makes `[offset, offset + bytes)` zero again and gives its memory back. `offset` is a multiple of `unit`; the
    /// range ends at such a multiple or at the block's end. Throws `std::bad_alloc`; the range is then unusable.
    void clear(size_t offset, size_t bytes);

    /// A multiple of every system's page size.
    static constexpr size_t unit = size_t{64} << 10;

 private:
    uint8_t* data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace wyvern
