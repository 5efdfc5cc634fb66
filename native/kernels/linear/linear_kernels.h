#pragma once

#include <cstddef>
#include <cstdint>

#include "linear.h"

namespace wyvern::kernels {

/// Rounded input rows, in tiles of `tile` rows. In a tile, the values of all rows for one unit of 32 inputs are
/// together.
///
/// The last tile may have fewer rows; the missing ones are zeros.
struct RoundedRows {
    /// `[tiles][units][tile][32]`
    std::int8_t* values;
    /// `[tiles][units][tile]`: sum of the unit's values.
    std::int32_t* sums;
    /// The same for fine values: the input is 128 · value + fine value. Null without fine rounding.
    std::int8_t* fine_values;
    std::int32_t* fine_sums;
    /// `[tiles][units][tile]`: the real number of one step of the rounded input; NaN if an input is not finite.
    float* scales;
    /// `[tiles][units][tile]`: sum of the unit's rounded inputs times the scale.
    float* scaled_sums;
    std::int64_t rows;
    std::int64_t units;
    std::int64_t tile;
};

/// The inner loops over one block type.
struct LinearKernel {
    /// Multiplies one row of inputs by the groups `[first, last)`.
    void (*one)(const RoundedRows& x, const LinearOutput& output, std::int64_t first, std::int64_t last);
    /// Multiplies all rows of inputs by one group. `scratch` has `kWidenedBytes`, 64-byte aligned.
    void (*many)(const RoundedRows& x, const LinearOutput& output, std::int64_t group, void* scratch);
};

/// Most rows of a tile of inputs.
inline constexpr std::int64_t kTileRows = 8;
/// Units of inputs that `many` works on at a time: their widened weights stay in the first-level cache.
inline constexpr std::int64_t kPanelUnits = 32;
inline constexpr std::size_t kWidenedBytes = kPanelUnits * kGroupRows * (32 + 2 * sizeof(float));

/// Linear layers, compiled for one instruction set.
struct LinearKernels {
    /// Rounds the rows `[first, last)`, each `32 * x.units` floats of `input`.
    void (*round)(const float* input, std::int64_t first, std::int64_t last, const RoundedRows& x);
    LinearKernel q4_0;
    LinearKernel q4_1;
    LinearKernel q5_0;
    LinearKernel q5_1;
    LinearKernel q8_0;
    LinearKernel q4_k;
    LinearKernel q5_k;

    const LinearKernel& of(BlockType type) const;
};

extern const LinearKernels kPortableLinear;
#if defined(__x86_64__) || defined(_M_X64)
extern const LinearKernels kAvx2Linear;
extern const LinearKernels kAvxVnniLinear;
extern const LinearKernels kAvx512VnniLinear;
#elif defined(__aarch64__) || defined(_M_ARM64)
extern const LinearKernels kNeonLinear;
#if !defined(_MSC_VER) || defined(__clang__)
extern const LinearKernels kDotProductLinear;
extern const LinearKernels kInt8MatrixLinear;
#endif
#endif

}  // namespace wyvern::kernels
