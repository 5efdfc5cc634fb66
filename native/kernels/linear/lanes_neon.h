#pragma once

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

#include "../vector_target.h"
#include "blocks.h"
#include "linear_kernels.h"

namespace wyvern::kernels {

/// The common part of all versions with four output rows. A template over the version, because each version is compiled
/// for other instructions.
template <class Version>
struct NeonBase {
    static constexpr int kLanes = 4;
    static constexpr int kTokens = 8;
    static constexpr int kFloatTokens = 4;
    using Bits = uint32x4_t;
    using Floats = float32x4_t;

    static Bits load(const std::uint8_t* p) { return vreinterpretq_u32_u8(vld1q_u8(p)); }
    static void prefetch(std::uintptr_t address) {
#if defined(_MSC_VER) && !defined(__clang__)
        __prefetch(reinterpret_cast<const void*>(address));
#else
        __builtin_prefetch(reinterpret_cast<const void*>(address));
#endif
    }
    static Bits spread(std::uint32_t value) { return vdupq_n_u32(value); }
    static Bits both(Bits a, Bits b) { return vandq_u32(a, b); }
    static Bits either(Bits a, Bits b) { return vorrq_u32(a, b); }
    static Bits sum(Bits a, Bits b) { return vaddq_u32(a, b); }
    static Bits times(Bits a, std::uint32_t factor) { return vmulq_n_u32(a, factor); }
    template <int N>
    static Bits shift_right(Bits a) {
        return vshrq_n_u32(a, N);
    }
    static Bits shift_right_by(Bits a, int count) { return vshlq_u32(a, vdupq_n_s32(-count)); }
    template <int N>
    static Bits shift_left(Bits a) {
        return vshlq_n_u32(a, N);
    }

    static Bits look_up(Bits a, const std::int8_t (&table)[16]) {
        return vreinterpretq_u32_s8(vqtbl1q_s8(vld1q_s8(table), vreinterpretq_u8_u32(a)));
    }

    static Bits words(const std::uint8_t* p) { return vmovl_u16(vreinterpret_u16_u8(vld1_u8(p))); }
    static Floats halves(const std::uint8_t* p) { return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p))); }
    static Floats bits_as_floats(Bits a) { return vreinterpretq_f32_u32(a); }
    static Floats to_floats(Bits a) { return vcvtq_f32_s32(vreinterpretq_s32_u32(a)); }
    static Floats set(float value) { return vdupq_n_f32(value); }
    static Floats load_floats(const float* p) { return vld1q_f32(p); }
    static void store(float* p, Floats a) { vst1q_f32(p, a); }
    static Floats add(Floats a, Floats b) { return vaddq_f32(a, b); }
    static Floats sub(Floats a, Floats b) { return vsubq_f32(a, b); }
    static Floats mul(Floats a, Floats b) { return vmulq_f32(a, b); }
    static Floats fma(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }

    template <Weights W, bool kMany>
    static void arrange(Bits (&)[8]) {}

    static float greatest_magnitude(const float* p) {
        uint32x4_t most = vdupq_n_u32(0);
        for (int i = 0; i < 8; ++i) {
            const uint32x4_t bits = vreinterpretq_u32_f32(vld1q_f32(p + 4 * i));
            most = vmaxq_u32(most, vandq_u32(bits, vdupq_n_u32(0x7fffffff)));
        }
        const std::uint32_t greatest = vmaxvq_u32(most);
        float value;
        std::memcpy(&value, &greatest, sizeof value);
        return value;
    }
    static void round(const float* p, float factor, std::int8_t* to, std::int8_t* fine, HalfSums (&sums)[2]) {
        for (int i = 0; i < 32; i += 8) {
            int32x4_t whole[2];
            int32x4_t rest[2];
            for (int j = 0; j < 2; ++j) {
                whole[j] = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(p + i + 4 * j), factor));
                if (fine == nullptr) continue;
                const int32x4_t integer = whole[j];
                whole[j] = vshrq_n_s32(vaddq_s32(integer, vdupq_n_s32(64)), 7);
                rest[j] = vsubq_s32(integer, vshlq_n_s32(whole[j], 7));
            }
            (i < 16 ? sums[0].first : sums[0].last) += store_bytes(whole, to + i);
            if (fine != nullptr) (i < 16 ? sums[1].first : sums[1].last) += store_bytes(rest, fine + i);
        }
    }

 protected:
    static int8x16_t bytes(Bits a) { return vreinterpretq_s8_u32(a); }
    /// Writes 8 integers as bytes. Returns their sum.
    static std::int32_t store_bytes(const int32x4_t (&x)[2], std::int8_t* to) {
        const int16x8_t words = vcombine_s16(vqmovn_s32(x[0]), vqmovn_s32(x[1]));
        vst1_s8(to, vqmovn_s16(words));
        return vaddlvq_s16(words);
    }
    static int32x4_t taken(int offset, std::int32_t sum) { return vdupq_n_s32(-offset * sum); }
    static Bits bits(int32x4_t a) { return vreinterpretq_u32_s32(a); }
};

/// Four output rows: the baseline of every 64-bit Arm processor.
struct NeonLanes : NeonBase<NeonLanes> {
    template <Weights W, int kOffset, int kQuads, int T, bool kMany>
    static void dot(const Bits* quads, const std::int8_t* x, const std::int32_t* sums, Bits (&products)[T]) {
        // Number of products whose sum fits 16 bits: 15 · 127 · 8, 31 · 127 · 8, 63 · 127 · 4, 128 · 127 · 2.
        constexpr int kFitting = W == Weights::signed8 ? 2 : W == Weights::unsigned6 ? 4 : 8;
        constexpr int kStep = kFitting < kQuads ? kFitting : kQuads;
        for (int t = 0; t < T; ++t) {
            // Two 32-bit sums a row: one vector for rows 0 and 1, one for rows 2 and 3.
            int32x4_t low = vdupq_n_s32(0);
            int32x4_t high = vdupq_n_s32(0);
            WYVERN_UNROLL
            for (int first = 0; first < kQuads; first += kStep) {
                int16x8_t low_words = vdupq_n_s16(0);
                int16x8_t high_words = vdupq_n_s16(0);
                WYVERN_UNROLL
                for (int j = first; j < first + kStep; ++j) {
                    std::int32_t four;
                    std::memcpy(&four, x + 32 * t + 4 * j, sizeof four);
                    const int8x8_t inputs = vreinterpret_s8_s32(vdup_n_s32(four));
                    low_words = vmlal_s8(low_words, vget_low_s8(bytes(quads[j])), inputs);
                    high_words = vmlal_s8(high_words, vget_high_s8(bytes(quads[j])), inputs);
                }
                low = vpadalq_s16(low, low_words);
                high = vpadalq_s16(high, high_words);
            }
            products[t] = bits(vaddq_s32(vpaddq_s32(low, high), taken(kOffset, sums[t])));
        }
    }
};

}  // namespace wyvern::kernels
