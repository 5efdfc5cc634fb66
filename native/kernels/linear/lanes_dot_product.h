#pragma once

#include "lanes_neon.h"

namespace wyvern::kernels {

/// Four output rows: Arm's dot product instructions (FEAT_DotProd). A template over the version, like `NeonBase`.
template <class Version>
struct DotProductBase : NeonBase<Version> {
    using typename NeonBase<Version>::Bits;

    template <Weights W, int kOffset, int kQuads, int T, bool kMany>
    static void dot(const Bits* quads, const std::int8_t* x, const std::int32_t* sums, Bits (&products)[T]) {
        using Base = NeonBase<Version>;
        int32x4_t sum[T];
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) sum[t] = Base::taken(kOffset, sums[t]);
        WYVERN_UNROLL
        for (int first = 0; first < kQuads; first += 4) {
            const auto quad = [&](int j) { return Base::bytes(quads[first + j]); };
            WYVERN_UNROLL
            for (int t = 0; t < T; ++t) {
                const int8x16_t inputs = vld1q_s8(x + 32 * t + 4 * first);
                sum[t] = vdotq_laneq_s32(sum[t], quad(0), inputs, 0);
                sum[t] = vdotq_laneq_s32(sum[t], quad(1), inputs, 1);
                sum[t] = vdotq_laneq_s32(sum[t], quad(2), inputs, 2);
                sum[t] = vdotq_laneq_s32(sum[t], quad(3), inputs, 3);
            }
        }
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) products[t] = Base::bits(sum[t]);
    }
};

struct DotProductLanes : DotProductBase<DotProductLanes> {};

}  // namespace wyvern::kernels
