#pragma once

#include <executorch/runtime/core/hierarchical_allocator.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "../platform/zero_pages.h"

namespace wyvern {

/// The memory that a program planned for one method: activations and mutable state. It is zero, as programs expect a KV
/// cache to be. It comes from the system's zero pages, so a long context takes memory only as it fills. `Module` would
/// allocate and clear all of it at load.
class PlannedMemory {
 public:
    /// Throws `std::bad_alloc`.
    explicit PlannedMemory(const std::vector<size_t>& sizes);

    executorch::runtime::HierarchicalAllocator* allocator() { return allocator_.get(); }

    /// Remembers the present contents, for `restore`. Call it after the method was loaded and before it runs: the
    /// contents are then the initial values of its mutable state, and zero elsewhere. Throws `std::bad_alloc`.
    void remember();

    /// Brings back the remembered contents. Throws `std::bad_alloc`; the memory is then unusable.
    void restore();

 private:
    /// A part that is not zero.
    struct Part {
        size_t buffer;
        size_t offset;
        std::vector<uint8_t> bytes;
    };

    std::vector<std::unique_ptr<ZeroPages>> buffers_;
    std::vector<executorch::runtime::Span<uint8_t>> spans_;
    std::unique_ptr<executorch::runtime::HierarchicalAllocator> allocator_;
    std::vector<Part> remembered_;
};

}  // namespace wyvern
