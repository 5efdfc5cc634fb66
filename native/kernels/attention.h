#pragma once

#include <cstddef>
#include <cstdint>

#include "element.h"

/// Attention on the CPU, free of ExecuTorch types: its operands and its entry points.
namespace wyvern::kernels {

/// A tensor of `[batch, token, head, dim]` in some order of the first three, `dim` innermost and contiguous.
struct Operand {
    const void* data = nullptr;
    Element element = Element::float32;
    /// Strides in vectors of `dim` elements, so they also apply to `scales` and `zero_points`.
    std::int64_t batch_stride = 0;
    std::int64_t token_stride = 0;
    std::int64_t head_stride = 0;
    /// One for each vector of int8 elements: `real = (stored - zero_point) * scale`. Null for other elements.
    const float* scales = nullptr;
    const std::int8_t* zero_points = nullptr;
};

/// One call. The caller has checked that every address is inside the tensors.
struct Attention {
    Operand query;
    Operand key;
    Operand value;
    /// Strides and order of `query`; float32, or the query's element.
    void* out = nullptr;
    Element out_element = Element::float32;

    std::int64_t batch = 0;
    std::int64_t tokens = 0;
    std::int64_t query_heads = 0;
    std::int64_t kv_heads = 0;
    std::int64_t dim = 0;
    /// Cache slots that the last token sees.
    std::int64_t slots = 0;
    /// Token `t` sees only slots `0 … slots - tokens + t`.
    bool causal = false;
    /// Added to the scaled scores: `[tokens, mask_stride]`; only the first `slots` columns count. Null for no mask.
    const void* mask = nullptr;
    Element mask_element = Element::float32;
    std::int64_t mask_stride = 0;
    float scale = 1;

    std::int64_t group() const { return query_heads / kv_heads; }
};

/// Computes attention on the runtime's thread pool. Returns false if there is no memory for the working buffers.
bool attend(const Attention& attention);

}  // namespace wyvern::kernels
