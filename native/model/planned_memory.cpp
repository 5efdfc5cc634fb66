#include "planned_memory.h"

#include <algorithm>

namespace wyvern {

PlannedMemory::PlannedMemory(const std::vector<size_t>& sizes) {
    for (const size_t size : sizes) {
        auto& buffer = buffers_.emplace_back(std::make_unique<ZeroPages>(size));
        spans_.push_back({buffer->data(), size});
    }
    allocator_ = std::make_unique<executorch::runtime::HierarchicalAllocator>(
        executorch::runtime::Span<executorch::runtime::Span<uint8_t>>(spans_.data(), spans_.size()));
}

void PlannedMemory::remember() {
    remembered_.clear();
    for (size_t index = 0; index < buffers_.size(); ++index) {
        ZeroPages& buffer = *buffers_[index];
        for (size_t offset = 0; offset < buffer.size(); offset += ZeroPages::unit) {
            const size_t bytes = std::min(ZeroPages::unit, buffer.size() - offset);
            const uint8_t* start = buffer.data() + offset;
            if (std::any_of(start, start + bytes, [](uint8_t byte) { return byte != 0; })) {
                remembered_.push_back({index, offset, {start, start + bytes}});
            } else {
                // Some systems give a page memory when it is read.
                buffer.clear(offset, bytes);
            }
        }
    }
}

void PlannedMemory::restore() {
    for (const auto& buffer : buffers_) {
        buffer->clear(0, buffer->size());
    }
    for (const Part& part : remembered_) {
        std::copy(part.bytes.begin(), part.bytes.end(), buffers_[part.buffer]->data() + part.offset);
    }
}

}  // namespace wyvern
