#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q5_0: `[4 bytes of fifth bits][16 bytes of integers][scale f16]`; the integer 16 means zero.
struct BlockQ5_0 {
    static constexpr BlockShape kShape = {32, 22};
    static constexpr Weights kWeights = Weights::unsigned5;
    static constexpr int kOffset = 16;
    static constexpr bool kMinimum = false;

    template <class L>
    static void widen(const std::uint8_t* block, int, int lane, Widened<L>& to) {
        using Read = BlockReader<L>;
        Read::halves_of_bytes(block, 1, lane, to.quads);
        Read::add_fifth_bits(Read::word(block, 0, lane), to.quads);
        to.scale = Read::half(block + 20 * kGroupRows, 0, lane);
    }
};

}  // namespace wyvern::kernels
