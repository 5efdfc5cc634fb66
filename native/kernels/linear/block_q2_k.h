#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q2_K: `[16 bytes of scales][64 bytes of integers][scale f16][minimum f16]`. A byte has a scale in its low half and a
/// minimum in its high half, for 16 inputs. One f16 factor applies to all scales and another one to all minima.
struct BlockQ2_K {
    static constexpr BlockType kType = BlockType::q2_k;
    static constexpr BlockShape kShape = {256, 84};
    static constexpr Weights kWeights = Weights::unsigned4;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = true;
    static constexpr int kScales = 2;

    template <class L>
    static void widen(const std::uint8_t* block, int unit, int lane, Widened<L, 2>& to) {
        using Read = BlockReader<L>;
        // Four units share 32 bytes: unit `k` has bits 2 k and 2 k + 1 of each.
        const int first = 4 + 8 * (unit / 4);
        for (int j = 0; j < 8; ++j) {
            const auto two = L::shift_right_by(Read::word(block, first + j, lane), 2 * (unit % 4));
            to.quads[j] = L::both(two, L::spread(0x03030303));
        }
        const std::uint8_t* fields = block + 80 * kGroupRows;
        const auto scale = Read::half(fields, 0, lane);
        const auto minimum = L::sub(L::set(0), Read::half(fields, 1, lane));
        const auto bytes = Read::word(block, unit / 2, lane);
        for (int part = 0; part < 2; ++part) {
            // These products are exact: 11 bits times 4 bits.
            const int place = 16 * (unit % 2) + 8 * part;
            to.scales[part] = L::mul(scale, L::to_floats(Read::field(bytes, place, 4)));
            to.minima[part] = L::mul(minimum, L::to_floats(Read::field(bytes, place + 4, 4)));
        }
    }
};

}  // namespace wyvern::kernels
