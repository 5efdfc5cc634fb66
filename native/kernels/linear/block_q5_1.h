#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q5_1: `[4 bytes of fifth bits][16 bytes of integers][scale f16][minimum f16]`.
struct BlockQ5_1 {
    static constexpr BlockShape kShape = {32, 24};
    static constexpr Weights kWeights = Weights::unsigned5;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = true;

    template <class L>
    static void widen(const std::uint8_t* block, int, int lane, Widened<L>& to) {
        using Read = BlockReader<L>;
        Read::halves_of_bytes(block, 1, lane, to.quads);
        Read::add_fifth_bits(Read::word(block, 0, lane), to.quads);
        to.scale = Read::half(block + 20 * kGroupRows, 0, lane);
        to.minimum = Read::half(block + 20 * kGroupRows, 1, lane);
    }
};

}  // namespace wyvern::kernels
