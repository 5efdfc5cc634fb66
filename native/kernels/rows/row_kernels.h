#pragma once

#include <cstdint>

namespace wyvern::kernels {

/// What a decoder does to rows of float32 between its linear layers and attention, compiled for one instruction set.
///
/// Every set gives the same bits: a sum has sixteen chains of fused multiply-adds, element `i` in chain `i % 16`, and
/// the chains are added as `VirtualLanes` says; all else is computed element by element.
struct RowKernels {
    /// out = x / √(mean of x² + eps) · weight, for one row of `width`. May be in place.
    void (*rms_norm)(const float* x, const float* weight, float eps, std::int64_t width, float* out);
    /// out = gate / (1 + e^−gate) · up, for `count` elements. May be in place.
    void (*silu_mul)(const float* gate, const float* up, std::int64_t count, float* out);
    /// One head of `2 * half` elements: pairs `(x[i], x[half + i])` turned by the angle whose cosine and sine are
    /// `cos[i]` and `sin[i]`. May be in place.
    void (*rotate)(const float* x, const float* cos, const float* sin, std::int64_t half, float* out);
};

extern const RowKernels kPortableRows;
#if defined(__x86_64__) || defined(_M_X64)
extern const RowKernels kAvx2Rows;
extern const RowKernels kAvx512Rows;
#elif defined(__aarch64__) || defined(_M_ARM64)
extern const RowKernels kNeonRows;
#endif

}  // namespace wyvern::kernels
