#pragma once

#include "lanes_avx2.h"

namespace wyvern::kernels {

/// Eight output rows: AVX-VNNI.
struct AvxVnniLanes : Avx2Base<AvxVnniLanes> {
    static constexpr int kTokens = 4;
    static constexpr int kFloatTokens = 4;

    /// The instruction multiplies unsigned by signed numbers, so −128 … 127 become 0 … 255. `dot` corrects for this.
    template <Weights W, bool kMany>
    static void arrange(Bits (&quads)[8]) {
        if constexpr (W != Weights::signed8) return;
        WYVERN_UNROLL
        for (int j = 0; j < 8; ++j) quads[j] = _mm256_xor_si256(quads[j], _mm256_set1_epi8(-128));
    }

    template <Weights W, int kOffset, int kQuads, int T, bool kMany>
    static void dot(const Bits* quads, const std::int8_t* x, const std::int32_t* sums, Bits (&products)[T]) {
        constexpr int kTaken = kOffset + (W == Weights::signed8 ? 128 : 0);
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) products[t] = _mm256_set1_epi32(-kTaken * sums[t]);
        if constexpr (T == 1) {
            // Two chains: a single chain would wait for each of its instructions.
            Bits other = _mm256_setzero_si256();
            WYVERN_UNROLL
            for (int j = 0; j < kQuads; j += 2) {
                products[0] = _mm256_dpbusd_avx_epi32(products[0], quads[j], inputs(x + 4 * j));
                other = _mm256_dpbusd_avx_epi32(other, quads[j + 1], inputs(x + 4 * j + 4));
            }
            products[0] = _mm256_add_epi32(products[0], other);
        } else {
            WYVERN_UNROLL
            for (int j = 0; j < kQuads; ++j) {
                const Bits quad = quads[j];
                WYVERN_UNROLL
                for (int t = 0; t < T; ++t) {
                    products[t] = _mm256_dpbusd_avx_epi32(products[t], quad, inputs(x + 32 * t + 4 * j));
                }
            }
        }
    }
};

}  // namespace wyvern::kernels
