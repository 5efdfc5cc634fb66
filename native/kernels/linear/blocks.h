#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// lanes, so that no two of those files define the same function. Those files include the other headers before it.

#include "linear.h"

namespace wyvern::kernels {

/// The range of a type's widened integers. It decides how their products are summed.
enum class Weights {
    /// 0 … 15
    unsigned4,
    /// 0 … 31
    unsigned5,
    /// 0 … 63
    unsigned6,
    /// −128 … 127
    signed8,
};

/// One widened unit of 32 inputs, with one row for each lane. Each lane of `quads` has 4 inputs of its row. Each of the
/// `N` scales and minima applies to 32 / N inputs: `weight = integer * scale + minimum`.
template <class L, int N>
struct Widened {
    typename L::Bits quads[8];
    typename L::Floats scales[N];
    typename L::Floats minima[N];
};

/// Helpers of all block types. In a group, byte `4 w + i` of row `r`'s block, without the two-byte fields, is at
/// `64 w + 4 r + i`. The two-byte fields of the 16 rows follow at the end, field by field.
///
/// A block type has these members:
/// - `kType`, `kShape`;
/// - `kWeights`: the range of its integers;
/// - `kOffset`: the integer that means zero;
/// - `kMinimum`: whether it has minima;
/// - `kScales`: the scales of a unit, 1 or 2;
/// - `widen(block, unit, lane, to)`: widens one unit of the rows from `lane` on, without subtracting the offset.
/// `block`
///   is the block of 16 rows.
template <class L>
struct BlockReader {
    using Bits = typename L::Bits;
    using Floats = typename L::Floats;

    /// Returns word `index` of the rows from `lane` on.
    static Bits word(const std::uint8_t* block, int index, int lane) {
        return L::load(block + 4 * kGroupRows * index + 4 * lane);
    }
    /// Returns two-byte field `index` as binary16.
    static Floats half(const std::uint8_t* fields, int index, int lane) {
        return L::halves(fields + 2 * kGroupRows * index + 2 * lane);
    }
    /// Returns two-byte field `index` as an integer.
    static Bits integer(const std::uint8_t* fields, int index, int lane) {
        return L::words(fields + 2 * kGroupRows * index + 2 * lane);
    }
    /// Returns `count` bits of each lane from bit `place` on.
    static Bits field(Bits bits, int place, int count) {
        return L::both(L::shift_right_by(bits, place), L::spread((1u << count) - 1));
    }
    static Bits low(Bits bits) { return L::both(bits, L::spread(0x0f0f0f0f)); }
    static Bits high(Bits bits) { return low(L::template shift_right<4>(bits)); }

    /// Four-bit integers in the order of the types with 32 inputs: input `i` is the low half of byte `i`, input `i +
    /// 16` the high half.
    static void halves_of_bytes(const std::uint8_t* block, int first, int lane, Bits (&quads)[8]) {
        for (int j = 0; j < 4; ++j) {
            const Bits bits = word(block, first + j, lane);
            quads[j] = low(bits);
            quads[j + 4] = high(bits);
        }
    }
};

}  // namespace wyvern::kernels
