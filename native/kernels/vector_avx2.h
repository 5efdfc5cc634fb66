#pragma once

#include <immintrin.h>

#include <cstdint>

#include "vector_exp2.h"

namespace wyvern::kernels {

/// Eight float32 lanes: AVX2, FMA, F16C.
struct Avx2 {
    using Reg = __m256;
    static constexpr int kLanes = 8;
    /// 4 × 3 sums, 3 vectors, 1 broadcast, of 16 registers.
    static constexpr int kTileRows = 4;
    static constexpr int kTileVectors = 3;
    static constexpr int kDecodeRows = 3;

    static Reg zero() { return _mm256_setzero_ps(); }
    static Reg set(float x) { return _mm256_set1_ps(x); }
    static Reg load(const float* p) { return _mm256_loadu_ps(p); }
    static void store(float* p, Reg x) { _mm256_storeu_ps(p, x); }
    static Reg add(Reg a, Reg b) { return _mm256_add_ps(a, b); }
    static Reg sub(Reg a, Reg b) { return _mm256_sub_ps(a, b); }
    static Reg mul(Reg a, Reg b) { return _mm256_mul_ps(a, b); }
    static Reg div(Reg a, Reg b) { return _mm256_div_ps(a, b); }
    static Reg fma(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }
    /// Returns b where either is NaN.
    static Reg max(Reg a, Reg b) { return _mm256_max_ps(a, b); }
    static Reg where_less(Reg a, Reg b, Reg yes, Reg no) {
        return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
    }
    static float greatest(Reg x) {
        __m128 half = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
        half = _mm_max_ps(half, _mm_movehl_ps(half, half));
        return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
    }
    /// Reduces sixteen lanes to eight: lane i plus lane i + 8.
    static void store_eight(float* p, const Reg (&x)[2]) { store(p, add(x[0], x[1])); }
    /// Writes the sums of four times eight lanes to p[0…3]. Adds neighbours, then the sums of neighbours, and so on.
    static void store_sums(float* p, const float* eights) {
        const Reg first = _mm256_hadd_ps(load(eights), load(eights + 8));
        const Reg pairs = _mm256_hadd_ps(first, _mm256_hadd_ps(load(eights + 16), load(eights + 24)));
        _mm_storeu_ps(p, _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1)));
    }
    /// Prefetches into the second-level cache.
    static void prefetch(std::uintptr_t address) { _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T1); }
    static Reg load_half(const std::uint16_t* p) {
        return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static Reg load_bfloat(const std::uint16_t* p) {
        const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
    }
    static Reg load_int8(const std::int8_t* p) {
        return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
    }
    /// Returns 2^x for x ≤ 0: exactly 1 at 0, exactly 0 at −∞.
    static Reg exp2(Reg x) {
        x = max(set(-127.0f), x);
        const Reg whole = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        // The exponent field of 2^whole; at −127 it is 0, which makes the product exactly 0.
        const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(add(whole, set(127.0f))), 23);
        return mul(exp2_fraction<Avx2>(sub(x, whole)), _mm256_castsi256_ps(exponent));
    }
};

}  // namespace wyvern::kernels
