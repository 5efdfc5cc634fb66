#pragma once

#include <cstddef>
#include <cstdint>

#include "linear.h"

namespace wyvern::kernels {

/// The sums of a unit's first 16 and last 16 values.
struct HalfSums {
    std::int32_t first;
    std::int32_t last;
};

/// The rows of inputs, as given and rounded. Rounded rows are in tiles of `tile` rows. In a tile, the values of all
/// rows for one unit of 32 inputs are together.
///
/// The last tile may have fewer rows; the missing ones are zeros. Without rounding, only the first three members are
/// set.
struct InputRows {
    /// `[rows][width]`
    const float* input;
    std::int64_t width;
    std::int64_t rows;
    /// `[tiles][units][tile][32]`
    std::int8_t* values;
    /// `[tiles][units][tile]`
    HalfSums* sums;
    /// The same for fine values: the input is 128 · value + fine value. Null without fine rounding.
    std::int8_t* fine_values;
    HalfSums* fine_sums;
    /// `[tiles][units][tile]`: the real number of one step of the rounded input; NaN if an input is not finite.
    float* scales;
    /// `[tiles][units][tile]`: sum of the unit's rounded inputs times the scale.
    float* scaled_sums;
    std::int64_t units;
    std::int64_t tile;
};

/// The inner loops over one block type.
struct LinearKernel {
    /// Multiplies one row of inputs by the groups `[first, last)`.
    void (*one)(const InputRows& x, const LinearOutput& output, std::int64_t first, std::int64_t last);
    /// Multiplies all rows of inputs by these groups. `scratch` has `kWidenedBytes`, 64-byte aligned; null is enough
    /// for types that round no inputs.
    void (*many)(const InputRows& x, const LinearOutput& output, std::int64_t first, std::int64_t last, void* scratch);
};

/// Most rows of a tile of inputs.
inline constexpr std::int64_t kTileRows = 8;
/// Units of inputs that `many` works on at a time: their widened weights stay in the first-level cache.
inline constexpr std::int64_t kPanelUnits = 32;
/// A widened unit has at most two scales and two minima.
inline constexpr std::size_t kWidenedBytes = kPanelUnits * kGroupRows * (32 + 4 * sizeof(float));

/// Linear layers, compiled for one instruction set.
struct LinearKernels {
    /// Rounds the rows `[first, last)` of the inputs.
    void (*round)(const InputRows& x, std::int64_t first, std::int64_t last);
    /// By the number of the block type. Null for numbers without a type.
    LinearKernel of_type[kBlockTypes];
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
