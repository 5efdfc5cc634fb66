#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q4_1: `[16 bytes of integers][scale f16][minimum f16]`.
struct BlockQ4_1 {
    static constexpr BlockShape kShape = {32, 20};
    static constexpr Weights kWeights = Weights::unsigned4;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = true;

    template <class L>
    static void widen(const std::uint8_t* block, int, int lane, Widened<L>& to) {
        using Read = BlockReader<L>;
        Read::halves_of_bytes(block, 0, lane, to.quads);
        to.scale = Read::half(block + 16 * kGroupRows, 0, lane);
        to.minimum = Read::half(block + 16 * kGroupRows, 1, lane);
    }
};

}  // namespace wyvern::kernels
