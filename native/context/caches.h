#pragma once

#include <cstddef>
#include <vector>

#include "bundle_plan.h"
#include "loaded_context.h"

namespace wyvern {

/// The KV caches of a model. Graphs differ in the number of slots, so they read the same memory with other strides.
class Caches {
 public:
    /// Allocates the caches for the longest layout, and space for the new slots of each graph.
    explicit Caches(const BundlePlan& plan);

    /// Binds the caches of a part's graph, and the slots that it adds to them.
    void bind(const PartGraph& graph, size_t part, BoundGraph& bound);

    /// Changes the layout of every cache to `slots`, and keeps the first `used`.
    void use_layout(size_t slots, size_t used);

    /// Copies the first `count` new slots of a step to `position …`, which the layout has.
    void append(size_t part, size_t ar, size_t position, size_t count);

    size_t slots() const { return slots_; }

 private:
    /// Memory of a cache and of the slots that a step adds to it.
    struct Memory {
        std::vector<std::byte> key;
        std::vector<std::byte> value;
        std::vector<std::byte> fresh_key;
        std::vector<std::byte> fresh_value;
    };

    /// Shapes by part.
    std::vector<std::vector<CachePlace>> places_;
    std::vector<std::vector<Memory>> memory_;
    size_t slots_ = 0;
};

}  // namespace wyvern
