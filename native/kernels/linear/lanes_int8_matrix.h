#pragma once

#include "lanes_dot_product.h"

namespace wyvern::kernels {

/// Four output rows: Arm's matrix products of int8 (FEAT_I8MM), two rows by two tokens at a time. A single token uses
/// dot products.
struct Int8MatrixLanes : DotProductBase<Int8MatrixLanes> {
    using Dot = DotProductBase<Int8MatrixLanes>;

    /// For several tokens: quads 2 j and 2 j + 1 of a row, 8 inputs, stand together; first rows 0 and 1, then rows 2
    /// and 3.
    template <Weights W, bool kMany>
    static void arrange(Bits (&quads)[8]) {
        if constexpr (kMany) {
            WYVERN_UNROLL
            for (int j = 0; j < 8; j += 2) {
                const Bits even = quads[j];
                quads[j] = vzip1q_u32(even, quads[j + 1]);
                quads[j + 1] = vzip2q_u32(even, quads[j + 1]);
            }
        }
    }

    template <Weights W, int kOffset, int kQuads, int T, bool kMany>
    static void dot(const Bits* quads, const std::int8_t* x, const std::int32_t* sums, Bits (&products)[T]) {
        if constexpr (!kMany) {
            Dot::template dot<W, kOffset, kQuads, T, false>(quads, x, sums, products);
        } else {
            // A last token without a partner is its own partner.
            WYVERN_UNROLL
            for (int t = 0; t < T; t += 2) pair<kOffset, kQuads>(quads, x, sums, t, t + 1 < T ? t + 1 : t, products);
        }
    }

 private:
    template <int kOffset, int kQuads>
    static void pair(const Bits* quads, const std::int8_t* x, const std::int32_t* sums, int first, int second,
                     Bits* products) {
        // [row 0 by first, row 0 by second, row 1 by first, row 1 by second]; rows 2 and 3 likewise.
        int32x4_t low = vdupq_n_s32(0);
        int32x4_t high = vdupq_n_s32(0);
        WYVERN_UNROLL
        for (int j = 0; j < kQuads; j += 2) {
            const int8x16_t inputs = vcombine_s8(vld1_s8(x + 32 * first + 4 * j), vld1_s8(x + 32 * second + 4 * j));
            low = vmmlaq_s32(low, bytes(quads[j]), inputs);
            high = vmmlaq_s32(high, bytes(quads[j + 1]), inputs);
        }
        products[second] = bits(vaddq_s32(vuzp2q_s32(low, high), taken(kOffset, sums[second])));
        products[first] = bits(vaddq_s32(vuzp1q_s32(low, high), taken(kOffset, sums[first])));
    }
};

}  // namespace wyvern::kernels
