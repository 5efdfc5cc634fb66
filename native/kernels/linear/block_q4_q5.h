#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q4_0, Q4_1, Q5_0 and Q5_1: `[4 bytes of fifth bits][16 bytes of integers][scale f16][minimum f16]`. The types of
/// four bits lack the first part. Types without a minimum have an offset in the middle of their range.
template <BlockType T, int kBits, bool kHasMinimum>
struct BlockOf32 {
    static constexpr int kFifthBytes = kBits == 5 ? 4 : 0;

    static constexpr BlockType kType = T;
    static constexpr BlockShape kShape = {32, kFifthBytes + 18 + (kHasMinimum ? 2 : 0)};
    static constexpr Weights kWeights = kBits == 5 ? Weights::unsigned5 : Weights::unsigned4;
    static constexpr int kOffset = kHasMinimum ? 0 : 1 << (kBits - 1);
    static constexpr bool kMinimum = kHasMinimum;
    static constexpr int kScales = 1;

    template <class L>
    static void widen(const std::uint8_t* block, int, int lane, Widened<L, 1>& to) {
        using Read = BlockReader<L>;
        Read::halves_of_bytes(block, kFifthBytes / 4, lane, to.quads);
        if constexpr (kBits == 5) add_fifth_bits<L>(Read::word(block, 0, lane), to.quads);
        const std::uint8_t* fields = block + (kFifthBytes + 16) * kGroupRows;
        to.scales[0] = Read::half(fields, 0, lane);
        if constexpr (kHasMinimum) to.minima[0] = Read::half(fields, 1, lane);
    }

 private:
    /// Sets bit 4 of input `i` to bit `i` of `fifth`.
    template <class L>
    static void add_fifth_bits(typename L::Bits fifth, typename L::Bits (&quads)[8]) {
        for (int j = 0; j < 8; ++j) {
            // The product puts the four bits at the starts of the four bytes.
            const auto four = L::both(fifth, L::spread(15));
            const auto apart = L::both(L::times(four, 0x00204081), L::spread(0x01010101));
            quads[j] = L::either(quads[j], L::template shift_left<4>(apart));
            fifth = L::template shift_right<4>(fifth);
        }
    }
};

using BlockQ4_0 = BlockOf32<BlockType::q4_0, 4, false>;
using BlockQ4_1 = BlockOf32<BlockType::q4_1, 4, true>;
using BlockQ5_0 = BlockOf32<BlockType::q5_0, 5, false>;
using BlockQ5_1 = BlockOf32<BlockType::q5_1, 5, true>;

}  // namespace wyvern::kernels
