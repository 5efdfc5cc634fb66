#pragma once

#include <cstdint>

namespace wyvern::kernels {

/// Some columns of one head of the gated delta rule (see `gated_delta_rule` in operators.h). Columns are independent.
struct DeltaRule {
    /// Most columns of one call.
    static constexpr std::int64_t kColumns = 16;

    std::int64_t tokens;
    std::int64_t keys;
    /// Length of a token's row in `value` and `out`.
    std::int64_t values;
    std::int64_t columns;
    /// Number of query heads that read the state.
    std::int64_t queries;
    /// `[queries, tokens, keys]`
    const float* query;
    /// `[tokens, keys]`
    const float* key;
    /// `[tokens, values]`, from the first column on.
    const float* value;
    /// `[tokens, decay_width]`; the width is 1 or `keys`.
    const float* decay;
    std::int64_t decay_width;
    /// `[tokens]`
    const float* beta;
    /// `[keys, kColumns]`, zero after the last column.
    float* state;
    /// `[queries, tokens, values]`, from the first column on.
    float* out;
};

/// A decoder's operations on rows of float32 between linear layers and attention, compiled for one instruction set.
///
/// Every set gives the same bits: the sum of a norm has sixteen chains of fused multiply-adds, element `i` in chain
/// `i % 16`, and `VirtualLanes` defines how the chains are added. All other results are computed element by element.
struct RowKernels {
    /// out = x / √(mean of x² + eps) · weight, for one row of `width`. May be in place.
    void (*rms_norm)(const float* x, const float* weight, float eps, std::int64_t width, float* out);
    /// out = gate / (1 + e^−gate) · up, for `count` elements. May be in place.
    void (*silu_mul)(const float* gate, const float* up, std::int64_t count, float* out);
    /// out = gelu(gate) · up, for `count` elements, with the approximation by a hyperbolic tangent. May be in place.
    void (*gelu_mul)(const float* gate, const float* up, std::int64_t count, float* out);
    /// Rotates one head of `2 * half` elements: each pair `(x[i], x[half + i])` by the angle with cosine `cos[i]` and
    /// sine `sin[i]`. May be in place.
    void (*rotate)(const float* x, const float* cos, const float* sin, std::int64_t half, float* out);
    /// Takes all tokens in order. Sums over keys are in the order of the keys.
    void (*delta_rule)(const DeltaRule& rule);
};

extern const RowKernels kPortableRows;
#if defined(__x86_64__) || defined(_M_X64)
extern const RowKernels kAvx2Rows;
extern const RowKernels kAvx512Rows;
#elif defined(__aarch64__) || defined(_M_ARM64)
extern const RowKernels kNeonRows;
#endif

}  // namespace wyvern::kernels
