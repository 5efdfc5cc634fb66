#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q4_K and Q5_K: `[12 bytes of scales][32 bytes of fifth bits][128 bytes of integers][scale f16][minimum f16]`. Q4_K
/// lacks the second part. The eight units have a scale and a minimum of 6 bits each. One f16 factor applies to all
/// scales and another one to all minima.
template <BlockType T, int kBits>
struct BlockOfMinima {
    static constexpr int kFifthBytes = kBits == 5 ? 32 : 0;

    static constexpr BlockType kType = T;
    static constexpr BlockShape kShape = {256, 144 + kFifthBytes};
    static constexpr Weights kWeights = kBits == 5 ? Weights::unsigned5 : Weights::unsigned4;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = true;
    static constexpr int kScales = 1;

    template <class L>
    static void widen(const std::uint8_t* block, int unit, int lane, Widened<L, 1>& to) {
        using Read = BlockReader<L>;
        // Two units share 32 bytes: the even unit has their low halves.
        const int first = (12 + kFifthBytes) / 4 + 8 * (unit / 2);
        for (int j = 0; j < 8; ++j) {
            const auto bits = Read::word(block, first + j, lane);
            to.quads[j] = unit % 2 == 0 ? Read::low(bits) : Read::high(bits);
            if constexpr (kBits == 5) {
                // Bit `unit` of byte `i` is the fifth of input `i`.
                const auto fifth = L::shift_right_by(Read::word(block, 3 + j, lane), unit);
                to.quads[j] = L::either(to.quads[j], L::template shift_left<4>(L::both(fifth, L::spread(0x01010101))));
            }
        }
        read_scale(block, unit, lane, to);
    }

 private:
    template <class L>
    static void read_scale(const std::uint8_t* block, int unit, int lane, Widened<L, 1>& to) {
        using Read = BlockReader<L>;
        // Bytes 0 … 3: scales 0 … 3; their two high bits are the high bits of scales 4 … 7. Bytes 4 … 7: the same for
        // minima. Bytes 8 … 11: the low four bits of scales 4 … 7, then of minima 4 … 7.
        const int place = 8 * (unit % 4);
        const auto scales = Read::word(block, 0, lane);
        const auto minima = Read::word(block, 1, lane);
        auto scale = Read::field(scales, place, 6);
        auto minimum = Read::field(minima, place, 6);
        if (unit >= 4) {
            const auto low = Read::word(block, 2, lane);
            const auto join = [place](auto four, auto two) {
                return L::either(four, L::template shift_left<4>(Read::field(two, place + 6, 2)));
            };
            scale = join(Read::field(low, place, 4), scales);
            minimum = join(Read::field(low, place + 4, 4), minima);
        }
        // This product is exact: 11 bits times 6 bits.
        const std::uint8_t* fields = block + (kShape.bytes - 4) * kGroupRows;
        to.scales[0] = L::mul(Read::half(fields, 0, lane), L::to_floats(scale));
        to.minima[0] = L::mul(Read::half(fields, 1, lane), L::sub(L::set(0), L::to_floats(minimum)));
    }
};

using BlockQ4_K = BlockOfMinima<BlockType::q4_k, 4>;
using BlockQ5_K = BlockOfMinima<BlockType::q5_k, 5>;

}  // namespace wyvern::kernels
