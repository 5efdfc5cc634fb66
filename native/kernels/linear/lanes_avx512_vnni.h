#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "lanes_avx2.h"

namespace wyvern::kernels {

/// Sixteen output rows: AVX-512 F, BW, DQ, VL, VNNI.
struct Avx512VnniLanes {
    static constexpr int kLanes = 16;
    static constexpr int kTokens = 8;
    static constexpr int kFloatTokens = 8;
    using Bits = __m512i;
    using Floats = __m512;

    static Bits load(const std::uint8_t* p) { return _mm512_loadu_si512(p); }
    static void prefetch(std::uintptr_t address) { _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T0); }
    static Bits spread(std::uint32_t value) { return _mm512_set1_epi32(static_cast<int>(value)); }
    static Bits both(Bits a, Bits b) { return _mm512_and_si512(a, b); }
    static Bits either(Bits a, Bits b) { return _mm512_or_si512(a, b); }
    static Bits sum(Bits a, Bits b) { return _mm512_add_epi32(a, b); }
    static Bits times(Bits a, std::uint32_t factor) { return _mm512_mullo_epi32(a, spread(factor)); }
    template <int N>
    static Bits shift_right(Bits a) {
        return _mm512_srli_epi32(a, N);
    }
    static Bits shift_right_by(Bits a, int count) { return _mm512_srl_epi32(a, _mm_cvtsi32_si128(count)); }
    template <int N>
    static Bits shift_left(Bits a) {
        return _mm512_slli_epi32(a, N);
    }

    static Bits look_up(Bits a, const std::int8_t (&table)[16]) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
        return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(bytes), a);
    }

    static Bits words(const std::uint8_t* p) {
        return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static Floats halves(const std::uint8_t* p) {
        return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static Floats bits_as_floats(Bits a) { return _mm512_castsi512_ps(a); }
    static Floats to_floats(Bits a) { return _mm512_cvtepi32_ps(a); }
    static Floats set(float value) { return _mm512_set1_ps(value); }
    static Floats load_floats(const float* p) { return _mm512_loadu_ps(p); }
    static void store(float* p, Floats a) { _mm512_storeu_ps(p, a); }
    static Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
    static Floats sub(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
    static Floats mul(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
    static Floats fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }

    static float greatest_magnitude(const float* p) { return Avx2Base<Avx512VnniLanes>::greatest_magnitude(p); }
    static void round(const float* p, float factor, std::int8_t* to, std::int8_t* fine, HalfSums (&sums)[2]) {
        Avx2Base<Avx512VnniLanes>::round(p, factor, to, fine, sums);
    }

    /// See lanes_avx_vnni.h.
    template <Weights W, bool kMany>
    static void arrange(Bits (&quads)[8]) {
        if constexpr (W != Weights::signed8) return;
        WYVERN_UNROLL
        for (int j = 0; j < 8; ++j) quads[j] = _mm512_xor_si512(quads[j], _mm512_set1_epi8(-128));
    }

    template <Weights W, int kOffset, int kQuads, int T, bool kMany>
    static void dot(const Bits* quads, const std::int8_t* x, const std::int32_t* sums, Bits (&products)[T]) {
        constexpr int kTaken = kOffset + (W == Weights::signed8 ? 128 : 0);
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) {
            products[t] = kTaken == 0 ? _mm512_setzero_si512() : _mm512_set1_epi32(-kTaken * sums[t]);
        }
        WYVERN_UNROLL
        for (int j = 0; j < kQuads; ++j) {
            const Bits quad = quads[j];
            WYVERN_UNROLL
            for (int t = 0; t < T; ++t) {
                std::int32_t four;
                std::memcpy(&four, x + 32 * t + 4 * j, sizeof four);
                products[t] = _mm512_dpbusd_epi32(products[t], quad, _mm512_set1_epi32(four));
            }
        }
    }
};

}  // namespace wyvern::kernels
