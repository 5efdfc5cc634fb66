#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// The common part of IQ4_NL and IQ4_XS: integers of four bits choose one of 16 weights.
template <class L>
struct UnevenWeights {
    /// Reads 32 weights from four words: input `i` is the low half of byte `i`, input `i + 16` the high half.
    static void read(const std::uint8_t* block, int first, int lane, typename L::Bits (&quads)[8]) {
        static constexpr std::int8_t kTable[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                   1,    13,   25,  38,  53,  69,  89,  113};
        BlockReader<L>::halves_of_bytes(block, first, lane, quads);
        for (int j = 0; j < 8; ++j) quads[j] = L::look_up(quads[j], kTable);
    }
};

/// IQ4_NL: `[16 bytes of integers][scale f16]`.
struct BlockIQ4_NL {
    static constexpr BlockType kType = BlockType::iq4_nl;
    static constexpr BlockShape kShape = {32, 18};
    static constexpr Weights kWeights = Weights::signed8;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = false;
    static constexpr int kScales = 1;

    template <class L>
    static void widen(const std::uint8_t* block, int, int lane, Widened<L, 1>& to) {
        UnevenWeights<L>::read(block, 0, lane, to.quads);
        to.scales[0] = BlockReader<L>::half(block + 16 * kGroupRows, 0, lane);
    }
};

/// IQ4_XS: `[4 bytes of scales][128 bytes of integers][factor f16][2 bytes of scales]`. The eight units have a scale of
/// 6 bits each: four bits in the first part, the two high bits in the last; 32 means zero.
struct BlockIQ4_XS {
    static constexpr BlockType kType = BlockType::iq4_xs;
    static constexpr BlockShape kShape = {256, 136};
    static constexpr Weights kWeights = Weights::signed8;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = false;
    static constexpr int kScales = 1;

    template <class L>
    static void widen(const std::uint8_t* block, int unit, int lane, Widened<L, 1>& to) {
        using Read = BlockReader<L>;
        UnevenWeights<L>::read(block, 1 + 4 * unit, lane, to.quads);
        const std::uint8_t* fields = block + 132 * kGroupRows;
        const auto low = Read::field(Read::word(block, 0, lane), 4 * unit, 4);
        const auto high = Read::field(Read::integer(fields, 1, lane), 2 * unit, 2);
        const auto scale = L::to_floats(L::either(low, L::template shift_left<4>(high)));
        to.scales[0] = L::mul(Read::half(fields, 0, lane), L::sub(scale, L::set(32)));
    }
};

}  // namespace wyvern::kernels
