#pragma once

#include <executorch/runtime/core/hierarchical_allocator.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace wyvern {

/// The memory that a program planned for one method: activations and mutable state. It is zero, as programs expect a KV
/// cache to be. It comes from the system's zero pages, so a long context takes memory only as it fills. `Module` would
/// allocate and clear all of it at load.
class PlannedMemory {
 public:
    /// Throws `std::bad_alloc`.
    explicit PlannedMemory(const std::vector<size_t>& sizes) {
        for (const size_t size : sizes) {
            auto* buffer = static_cast<uint8_t*>(std::calloc(size > 0 ? size : 1, 1));
            if (buffer == nullptr) {
                throw std::bad_alloc();
            }
            buffers_.emplace_back(buffer, &std::free);
            spans_.push_back({buffer, size});
        }
        allocator_ = std::make_unique<executorch::runtime::HierarchicalAllocator>(
            executorch::runtime::Span<executorch::runtime::Span<uint8_t>>(spans_.data(), spans_.size()));
    }

    executorch::runtime::HierarchicalAllocator* allocator() { return allocator_.get(); }

 private:
    std::vector<std::unique_ptr<uint8_t, decltype(&std::free)>> buffers_;
    std::vector<executorch::runtime::Span<uint8_t>> spans_;
    std::unique_ptr<executorch::runtime::HierarchicalAllocator> allocator_;
};

}  // namespace wyvern
