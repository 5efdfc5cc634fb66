#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q3_K: `[32 bytes of third bits][64 bytes of low two bits][12 bytes of scales][factor f16]`. A scale of 6 bits
/// applies to 16 inputs, 32 means zero; the integer 4 means zero.
struct BlockQ3_K {
    static constexpr BlockType kType = BlockType::q3_k;
    static constexpr BlockShape kShape = {256, 110};
    static constexpr Weights kWeights = Weights::unsigned4;
    static constexpr int kOffset = 4;
    static constexpr bool kMinimum = false;
    static constexpr int kScales = 2;

    template <class L>
    static void widen(const std::uint8_t* block, int unit, int lane, Widened<L, 2>& to) {
        using Read = BlockReader<L>;
        // Four units share 32 bytes: unit `k` has bits 2 k and 2 k + 1 of each. Bit `unit` of byte `i` is the third of
        // input `i`.
        const int first = 8 + 8 * (unit / 4);
        for (int j = 0; j < 8; ++j) {
            const auto two = L::shift_right_by(Read::word(block, first + j, lane), 2 * (unit % 4));
            const auto third = L::shift_right_by(Read::word(block, j, lane), unit);
            to.quads[j] = L::either(L::both(two, L::spread(0x03030303)),
                                    L::template shift_left<2>(L::both(third, L::spread(0x01010101))));
        }
        const auto factor = Read::half(block + 108 * kGroupRows, 0, lane);
        const auto lows = Read::word(block, 24 + unit % 4 / 2, lane);
        const auto highs = Read::word(block, 26, lane);
        for (int part = 0; part < 2; ++part) {
            // Bytes 0 … 7: the low four bits of scales 0 … 7, and of scales 8 … 15 above them. Byte 8 + i: the high two
            // bits of scales i, i + 4, i + 8, i + 12.
            const int place = 8 * (2 * (unit % 2) + part);
            const auto low = Read::field(lows, place + (unit < 4 ? 0 : 4), 4);
            const auto high = Read::field(highs, place + 2 * (unit / 2), 2);
            const auto scale = L::to_floats(L::either(low, L::template shift_left<4>(high)));
            to.scales[part] = L::mul(factor, L::sub(scale, L::set(32)));
        }
    }
};

}  // namespace wyvern::kernels
