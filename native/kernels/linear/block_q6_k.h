#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q6_K: `[128 bytes of low four bits][64 bytes of high two bits][16 scales int8][factor f16]`. A scale applies to 16
/// inputs; the integer 32 means zero.
struct BlockQ6_K {
    static constexpr BlockType kType = BlockType::q6_k;
    static constexpr BlockShape kShape = {256, 210};
    static constexpr Weights kWeights = Weights::unsigned6;
    static constexpr int kOffset = 32;
    static constexpr bool kMinimum = false;
    static constexpr int kScales = 2;

    template <class L>
    static void widen(const std::uint8_t* block, int unit, int lane, Widened<L, 2>& to) {
        using Read = BlockReader<L>;
        // Of four units, the first two have the low halves of 64 bytes, the others the high halves. All four share 32
        // bytes of high bits: unit `k` has bits 2 k and 2 k + 1 of each byte.
        const int first = 16 * (unit / 4) + 8 * (unit % 2);
        const bool upper = unit % 4 >= 2;
        for (int j = 0; j < 8; ++j) {
            const auto bits = Read::word(block, first + j, lane);
            const auto highs = L::shift_right_by(Read::word(block, 32 + 8 * (unit / 4) + j, lane), 2 * (unit % 4));
            to.quads[j] = L::either(upper ? Read::high(bits) : Read::low(bits),
                                    L::template shift_left<4>(L::both(highs, L::spread(0x03030303))));
        }
        const auto factor = Read::half(block + 208 * kGroupRows, 0, lane);
        const auto scales = Read::word(block, 48 + unit / 2, lane);
        for (int part = 0; part < 2; ++part) {
            // −128 … 127 plus 128. The product is exact: 11 bits times 8 bits.
            const auto moved =
                Read::field(L::sum(Read::field(scales, 16 * (unit % 2) + 8 * part, 8), L::spread(128)), 0, 8);
            to.scales[part] = L::mul(factor, L::sub(L::to_floats(moved), L::set(128)));
        }
    }
};

}  // namespace wyvern::kernels
