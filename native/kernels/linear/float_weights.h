#pragma once

#include "blocks.h"

namespace wyvern::kernels {

/// Weights of floats: blocks of one input, so that the 16 rows' numbers for one input are together. `load(weights,
/// lane)` returns those of the rows from `lane` on.
struct WeightsF32 {
    static constexpr BlockType kType = BlockType::f32;
    static constexpr BlockShape kShape = {1, 4};

    template <class L>
    static typename L::Floats load(const std::uint8_t* weights, int lane) {
        return L::bits_as_floats(L::load(weights + 4 * lane));
    }
};

struct WeightsF16 {
    static constexpr BlockType kType = BlockType::f16;
    static constexpr BlockShape kShape = {1, 2};

    template <class L>
    static typename L::Floats load(const std::uint8_t* weights, int lane) {
        return L::halves(weights + 2 * lane);
    }
};

/// The upper halves of float32.
struct WeightsBF16 {
    static constexpr BlockType kType = BlockType::bf16;
    static constexpr BlockShape kShape = {1, 2};

    template <class L>
    static typename L::Floats load(const std::uint8_t* weights, int lane) {
        return L::bits_as_floats(L::template shift_left<16>(L::words(weights + 2 * lane)));
    }
};

}  // namespace wyvern::kernels
