#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// The common part of Q4_K and Q5_K: 256 inputs in eight units. Each unit has a scale and a minimum of 6 bits. One f16
/// factor applies to all scales and another one to all minima.
template <class L>
struct KScales {
    using Read = BlockReader<L>;
    using Bits = typename L::Bits;

    /// Reads unit `unit` from the 12 bytes that begin at word `first` and the two factors at `fields`.
    static void read(const std::uint8_t* block, int first, const std::uint8_t* fields, int unit, int lane,
                     Widened<L>& to) {
        // Bytes 0 … 3: scales 0 … 3; their two high bits are the high bits of scales 4 … 7. Bytes 4 … 7: the same for
        // minima. Bytes 8 … 11: the low four bits of scales 4 … 7, then of minima 4 … 7.
        const int place = 8 * (unit % 4);
        const Bits scales = byte(Read::word(block, first, lane), place);
        const Bits minima = byte(Read::word(block, first + 1, lane), place);
        Bits scale = L::both(scales, L::spread(63));
        Bits minimum = L::both(minima, L::spread(63));
        if (unit >= 4) {
            const Bits low = byte(Read::word(block, first + 2, lane), place);
            scale = joined(L::both(low, L::spread(15)), scales);
            minimum = joined(L::template shift_right<4>(low), minima);
        }
        // This product is exact: 11 bits times 6 bits.
        to.scale = L::mul(Read::half(fields, 0, lane), L::to_floats(scale));
        to.minimum = L::mul(Read::half(fields, 1, lane), L::sub(L::set(0), L::to_floats(minimum)));
    }

 private:
    static Bits byte(Bits bits, int place) { return L::both(L::shift_right_by(bits, place), L::spread(255)); }
    static Bits joined(Bits low, Bits high) {
        return L::either(low, L::template shift_left<4>(L::template shift_right<6>(high)));
    }
};

/// Q4_K: `[12 bytes of scales][128 bytes of integers][scale f16][minimum f16]`.
struct BlockQ4_K {
    static constexpr BlockShape kShape = {256, 144};
    static constexpr Weights kWeights = Weights::unsigned4;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = true;

    template <class L>
    static void widen(const std::uint8_t* block, int unit, int lane, Widened<L>& to) {
        using Read = BlockReader<L>;
        // Two units share 32 bytes: the even unit has their low halves.
        for (int j = 0; j < 8; ++j) {
            const auto bits = Read::word(block, 3 + 8 * (unit / 2) + j, lane);
            to.quads[j] = unit % 2 == 0 ? Read::low(bits) : Read::high(bits);
        }
        KScales<L>::read(block, 0, block + 140 * kGroupRows, unit, lane, to);
    }
};

/// Q5_K: `[12 bytes of scales][32 bytes of fifth bits][128 bytes of integers][scale f16][minimum f16]`.
struct BlockQ5_K {
    static constexpr BlockShape kShape = {256, 176};
    static constexpr Weights kWeights = Weights::unsigned5;
    static constexpr int kOffset = 0;
    static constexpr bool kMinimum = true;

    template <class L>
    static void widen(const std::uint8_t* block, int unit, int lane, Widened<L>& to) {
        using Read = BlockReader<L>;
        for (int j = 0; j < 8; ++j) {
            const auto bits = Read::word(block, 11 + 8 * (unit / 2) + j, lane);
            // Bit `unit` of byte `i` is the fifth of input `i`.
            const auto fifth = L::both(L::shift_right_by(Read::word(block, 3 + j, lane), unit), L::spread(0x01010101));
            to.quads[j] =
                L::either(unit % 2 == 0 ? Read::low(bits) : Read::high(bits), L::template shift_left<4>(fifth));
        }
        KScales<L>::read(block, 0, block + 172 * kGroupRows, unit, lane, to);
    }
};

}  // namespace wyvern::kernels
