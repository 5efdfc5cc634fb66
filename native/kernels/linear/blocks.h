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
    /// −128 … 127
    signed8,
};

/// One widened unit of 32 inputs, with one row for each lane. Each lane of `quads` has 4 inputs of its row; `weight =
/// integer * scale + minimum`.
template <class L>
struct Widened {
    typename L::Bits quads[8];
    typename L::Floats scale;
    typename L::Floats minimum;
};

/// Base of all block types. In a group, byte `4 w + i` of row `r`'s block, without the two-byte fields, is at
/// `64 w + 4 r + i`. The two-byte fields of the 16 rows follow at the end, field by field.
template <class L>
struct BlockReader {
    using Bits = typename L::Bits;

    static constexpr std::uint32_t kLowHalves = 0x0f0f0f0f;

    /// Returns word `index` of the rows from `lane` on.
    static Bits word(const std::uint8_t* block, int index, int lane) {
        return L::load(block + 4 * kGroupRows * index + 4 * lane);
    }
    static typename L::Floats half(const std::uint8_t* fields, int index, int lane) {
        return L::halves(fields + 2 * kGroupRows * index + 2 * lane);
    }
    static Bits low(Bits bits) { return L::both(bits, L::spread(kLowHalves)); }
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
    /// Sets bit 4 of input `i` to bit `i` of `fifth`.
    static void add_fifth_bits(Bits fifth, Bits (&quads)[8]) {
        for (int j = 0; j < 8; ++j) {
            // The product puts the four bits at the starts of the four bytes.
            const Bits four = L::both(fifth, L::spread(15));
            const Bits apart = L::both(L::times(four, 0x00204081), L::spread(0x01010101));
            quads[j] = L::either(quads[j], L::template shift_left<4>(apart));
            fifth = L::template shift_right<4>(fifth);
        }
    }
};

}  // namespace wyvern::kernels
