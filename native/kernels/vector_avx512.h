#pragma once

#include <immintrin.h>

#include <cstdint>

#include "vector_exp2.h"

namespace wyvern::kernels {

/// Sixteen float32 lanes: AVX-512 F, BW, DQ, VL.
struct Avx512 {
    using Reg = __m512;
    static constexpr int kLanes = 16;
    /// Shape of the register tile of prefill: 8 × 3 sums, 3 vectors, 1 broadcast, of 32 registers.
    static constexpr int kTileRows = 8;
    static constexpr int kTileVectors = 3;
    /// Query rows that share one pass over keys or values in decode.
    static constexpr int kDecodeRows = 4;

    static Reg zero() { return _mm512_setzero_ps(); }
    static Reg set(float x) { return _mm512_set1_ps(x); }
    static Reg load(const float* p) { return _mm512_loadu_ps(p); }
    static void store(float* p, Reg x) { _mm512_storeu_ps(p, x); }
    static Reg add(Reg a, Reg b) { return _mm512_add_ps(a, b); }
    static Reg sub(Reg a, Reg b) { return _mm512_sub_ps(a, b); }
    static Reg mul(Reg a, Reg b) { return _mm512_mul_ps(a, b); }
    static Reg div(Reg a, Reg b) { return _mm512_div_ps(a, b); }
    static Reg fma(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }
    /// Returns b where either is NaN.
    static Reg max(Reg a, Reg b) { return _mm512_max_ps(a, b); }
    static Reg where_less(Reg a, Reg b, Reg yes, Reg no) {
        return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), no, yes);
    }
    static float greatest(Reg x) { return _mm512_reduce_max_ps(x); }
    /// Reduces sixteen lanes to eight: lane i plus lane i + 8.
    static void store_eight(float* p, const Reg (&x)[1]) {
        _mm256_storeu_ps(p, _mm256_add_ps(_mm512_castps512_ps256(x[0]), _mm512_extractf32x8_ps(x[0], 1)));
    }
    /// Writes the sums of four times eight lanes to p[0…3]. Adds neighbours, then the sums of neighbours, and so on.
    static void store_sums(float* p, const float* eights) {
        const auto eight = [eights](int i) { return _mm256_loadu_ps(eights + 8 * i); };
        const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(eight(0), eight(1)), _mm256_hadd_ps(eight(2), eight(3)));
        _mm_storeu_ps(p, _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1)));
    }
    /// Prefetches into the second-level cache.
    static void prefetch(std::uintptr_t address) { _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T1); }
    static Reg load_half(const std::uint16_t* p) {
        return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static Reg load_bfloat(const std::uint16_t* p) {
        const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
    }
    static Reg load_int8(const std::int8_t* p) {
        return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
    }
    /// Returns 2^x for x ≤ 0: exactly 1 at 0, exactly 0 at −∞.
    static Reg exp2(Reg x) {
        x = max(set(-127.0f), x);
        const Reg whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        // The exponent field of 2^whole; at −127 it is 0, which makes the product exactly 0.
        const __m512i exponent = _mm512_slli_epi32(_mm512_cvtps_epi32(add(whole, set(127.0f))), 23);
        return mul(exp2_fraction<Avx512>(sub(x, whole)), _mm512_castsi512_ps(exponent));
    }
};

}  // namespace wyvern::kernels
