#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set, like attention_base.h.

#include "vector_target.h"

namespace wyvern::kernels {

/// Sixteen lanes in one or more vectors `V`, so that sums over elements are the same for every vector width.
template <class V>
struct VirtualLanes {
    using Reg = typename V::Reg;
    static constexpr int kCount = 16;
    static constexpr int kVectors = kCount / V::kLanes;

    /// Adds lane `i` of sixteen lanes to lane `i + 8`, then neighbours, then the sums of neighbours, and so on:
    /// `((h0 + h1) + (h2 + h3)) + ((h4 + h5) + (h6 + h7))` with `h = lane i + lane i + 8`.
    static float sum(const Reg (&x)[kVectors]) {
        float h[8];
        V::store_eight(h, x);
        return ((h[0] + h[1]) + (h[2] + h[3])) + ((h[4] + h[5]) + (h[6] + h[7]));
    }
};

}  // namespace wyvern::kernels
