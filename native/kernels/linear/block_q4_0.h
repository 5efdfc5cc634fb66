#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q4_0: `[16 bytes of integers][scale f16]`; the integer 8 means zero.
struct BlockQ4_0 {
    static constexpr BlockShape kShape = {32, 18};
    static constexpr Weights kWeights = Weights::unsigned4;
    static constexpr int kOffset = 8;
    static constexpr bool kMinimum = false;

    template <class L>
    static void widen(const std::uint8_t* block, int, int lane, Widened<L>& to) {
        using Read = BlockReader<L>;
        Read::halves_of_bytes(block, 0, lane, to.quads);
        to.scale = Read::half(block + 16 * kGroupRows, 0, lane);
    }
};

}  // namespace wyvern::kernels
