#pragma once

#include <arm_neon.h>

#include <cstdint>

#include "vector_exp2.h"

namespace wyvern::kernels {

/// Four float32 lanes: the baseline of every 64-bit Arm processor.
struct Neon {
    using Reg = float32x4_t;
    static constexpr int kLanes = 4;
    /// 4 × 6 sums, 6 vectors, 1 broadcast, of 32 registers.
    static constexpr int kTileRows = 4;
    static constexpr int kTileVectors = 6;
    static constexpr int kDecodeRows = 4;

    static Reg zero() { return vdupq_n_f32(0); }
    static Reg set(float x) { return vdupq_n_f32(x); }
    static Reg load(const float* p) { return vld1q_f32(p); }
    static void store(float* p, Reg x) { vst1q_f32(p, x); }
    static Reg add(Reg a, Reg b) { return vaddq_f32(a, b); }
    static Reg sub(Reg a, Reg b) { return vsubq_f32(a, b); }
    static Reg mul(Reg a, Reg b) { return vmulq_f32(a, b); }
    static Reg div(Reg a, Reg b) { return vdivq_f32(a, b); }
    static Reg fma(Reg a, Reg b, Reg c) { return vfmaq_f32(c, a, b); }
    static Reg max(Reg a, Reg b) { return vmaxq_f32(a, b); }
    static Reg where_less(Reg a, Reg b, Reg yes, Reg no) { return vbslq_f32(vcltq_f32(a, b), yes, no); }
    static float greatest(Reg x) { return vmaxvq_f32(x); }
    /// Reduces sixteen lanes to eight: lane i plus lane i + 8.
    static void store_eight(float* p, const Reg (&x)[4]) {
        store(p, add(x[0], x[2]));
        store(p + 4, add(x[1], x[3]));
    }
    /// Writes the sums of four times eight lanes to p[0…3]. Adds neighbours, then the sums of neighbours, and so on.
    static void store_sums(float* p, const float* eights) {
        const auto four = [eights](int i) { return vpaddq_f32(load(eights + 8 * i), load(eights + 8 * i + 4)); };
        store(p, vpaddq_f32(vpaddq_f32(four(0), four(1)), vpaddq_f32(four(2), four(3))));
    }
    /// Prefetches into the second-level cache.
    static void prefetch(std::uintptr_t address) {
#if defined(_MSC_VER) && !defined(__clang__)
        __prefetch2(reinterpret_cast<const void*>(address), 2);
#else
        __builtin_prefetch(reinterpret_cast<const void*>(address), 0, 2);
#endif
    }
    static Reg load_half(const std::uint16_t* p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
    static Reg load_bfloat(const std::uint16_t* p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
    static Reg load_int8(const std::int8_t* p) {
        const std::int32_t four =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::uint8_t>(p[0])) |
                                      static_cast<std::uint32_t>(static_cast<std::uint8_t>(p[1])) << 8 |
                                      static_cast<std::uint32_t>(static_cast<std::uint8_t>(p[2])) << 16 |
                                      static_cast<std::uint32_t>(static_cast<std::uint8_t>(p[3])) << 24);
        const int8x8_t bytes = vreinterpret_s8_s32(vdup_n_s32(four));
        return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(bytes))));
    }
    /// Returns 2^x for x ≤ 0: exactly 1 at 0, exactly 0 at −∞.
    static Reg exp2(Reg x) {
        x = max(set(-127.0f), x);
        const Reg whole = vrndnq_f32(x);
        // The exponent field of 2^whole; at −127 it is 0, which makes the product exactly 0.
        const int32x4_t exponent = vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(whole), vdupq_n_s32(127)), 23);
        return mul(exp2_fraction<Neon>(sub(x, whole)), vreinterpretq_f32_s32(exponent));
    }
};

}  // namespace wyvern::kernels
