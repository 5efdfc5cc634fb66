#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Q8_0: `[32 bytes of integers][scale f16]`.
struct BlockQ8_0 {
    static constexpr BlockType kType = BlockType::q8_0;
    static constexpr BlockShape kShape = {32, 34};
    static constexpr Weights kWeights = Weights::signed8;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = false;
    static constexpr int kScales = 1;

    template <class L>
    static void widen(const std::uint8_t* block, int, int lane, Widened<L, 1>& to) {
        using Read = BlockReader<L>;
        for (int j = 0; j < 8; ++j) to.quads[j] = Read::word(block, j, lane);
        to.scales[0] = Read::half(block + 32 * kGroupRows, 0, lane);
    }
};

}  // namespace wyvern::kernels
