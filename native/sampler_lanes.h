#pragma once

#if defined(__aarch64__) || defined(_M_ARM64)
#include <arm_neon.h>
#else
#include <emmintrin.h>
#endif

namespace wyvern {

/// Four float32 in a vector register, with the instructions of every 64-bit processor: NEON or SSE2. The sampler scans
/// the vocabulary with it, because compilers do not vectorise these loops.
#if defined(__aarch64__) || defined(_M_ARM64)

struct Lanes {
    static constexpr int count = 4;
    float32x4_t value;

    static Lanes set(float x) { return {vdupq_n_f32(x)}; }
    static Lanes load(const float* from) { return {vld1q_f32(from)}; }
    void store(float* to) const { vst1q_f32(to, value); }

    /// The larger of each pair; `b` where `a` is NaN.
    static Lanes larger(Lanes a, Lanes b) { return {vmaxnmq_f32(a.value, b.value)}; }
    /// The smaller of each pair; `b` where `a` is NaN.
    static Lanes smaller(Lanes a, Lanes b) { return {vminnmq_f32(a.value, b.value)}; }
    /// `x` where `tested` is finite, else `otherwise`.
    static Lanes where_finite(Lanes tested, Lanes x, Lanes otherwise) {
        const uint32x4_t finite = vcaleq_f32(tested.value, vdupq_n_f32(3.402823466e+38F));
        return {vbslq_f32(finite, x.value, otherwise.value)};
    }
    /// x · 2^n, for whole numbers n from −126 to 127.
    static Lanes times_power_of_2(Lanes x, Lanes n) {
        const int32x4_t exponent = vaddq_s32(vcvtq_s32_f32(n.value), vdupq_n_s32(127));
        return {vmulq_f32(x.value, vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23)))};
    }
    float largest() const { return vmaxvq_f32(value); }

    friend Lanes operator+(Lanes a, Lanes b) { return {vaddq_f32(a.value, b.value)}; }
    friend Lanes operator-(Lanes a, Lanes b) { return {vsubq_f32(a.value, b.value)}; }
    friend Lanes operator*(Lanes a, Lanes b) { return {vmulq_f32(a.value, b.value)}; }
};

#else

struct Lanes {
    static constexpr int count = 4;
    __m128 value;

    static Lanes set(float x) { return {_mm_set1_ps(x)}; }
    static Lanes load(const float* from) { return {_mm_loadu_ps(from)}; }
    void store(float* to) const { _mm_storeu_ps(to, value); }

    /// The larger of each pair; `b` where `a` is NaN.
    static Lanes larger(Lanes a, Lanes b) { return {_mm_max_ps(a.value, b.value)}; }
    /// The smaller of each pair; `b` where `a` is NaN.
    static Lanes smaller(Lanes a, Lanes b) { return {_mm_min_ps(a.value, b.value)}; }
    /// `x` where `tested` is finite, else `otherwise`.
    static Lanes where_finite(Lanes tested, Lanes x, Lanes otherwise) {
        const __m128 magnitude = _mm_andnot_ps(_mm_set1_ps(-0.0F), tested.value);
        const __m128 finite = _mm_cmple_ps(magnitude, _mm_set1_ps(3.402823466e+38F));
        return {_mm_or_ps(_mm_and_ps(finite, x.value), _mm_andnot_ps(finite, otherwise.value))};
    }
    /// x · 2^n, for whole numbers n from −126 to 127.
    static Lanes times_power_of_2(Lanes x, Lanes n) {
        const __m128i exponent = _mm_add_epi32(_mm_cvttps_epi32(n.value), _mm_set1_epi32(127));
        return {_mm_mul_ps(x.value, _mm_castsi128_ps(_mm_slli_epi32(exponent, 23)))};
    }
    float largest() const {
        const __m128 pairs = _mm_max_ps(value, _mm_movehl_ps(value, value));
        return _mm_cvtss_f32(_mm_max_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
    }

    friend Lanes operator+(Lanes a, Lanes b) { return {_mm_add_ps(a.value, b.value)}; }
    friend Lanes operator-(Lanes a, Lanes b) { return {_mm_sub_ps(a.value, b.value)}; }
    friend Lanes operator*(Lanes a, Lanes b) { return {_mm_mul_ps(a.value, b.value)}; }
};

#endif

}  // namespace wyvern
