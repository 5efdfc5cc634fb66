#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "../vector_target.h"
#include "blocks.h"
#include "linear_kernels.h"

namespace wyvern::kernels {

/// The common part of all versions with eight output rows: AVX2, FMA, F16C. A template over the version, because each
/// version is compiled for other instructions.
template <class Version>
struct Avx2Base {
    static constexpr int kLanes = 8;
    using Bits = __m256i;
    using Floats = __m256;

    static Bits load(const std::uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
    static void prefetch(std::uintptr_t address) { _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T0); }
    static Bits spread(std::uint32_t value) { return _mm256_set1_epi32(static_cast<int>(value)); }
    static Bits both(Bits a, Bits b) { return _mm256_and_si256(a, b); }
    static Bits either(Bits a, Bits b) { return _mm256_or_si256(a, b); }
    static Bits sum(Bits a, Bits b) { return _mm256_add_epi32(a, b); }
    static Bits times(Bits a, std::uint32_t factor) { return _mm256_mullo_epi32(a, spread(factor)); }
    template <int N>
    static Bits shift_right(Bits a) {
        return _mm256_srli_epi32(a, N);
    }
    static Bits shift_right_by(Bits a, int count) { return _mm256_srl_epi32(a, _mm_cvtsi32_si128(count)); }
    template <int N>
    static Bits shift_left(Bits a) {
        return _mm256_slli_epi32(a, N);
    }

    static Bits look_up(Bits a, const std::int8_t (&table)[16]) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
        return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), a);
    }

    static Bits words(const std::uint8_t* p) {
        return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static Floats halves(const std::uint8_t* p) {
        return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static Floats bits_as_floats(Bits a) { return _mm256_castsi256_ps(a); }
    static Floats to_floats(Bits a) { return _mm256_cvtepi32_ps(a); }
    static Floats set(float value) { return _mm256_set1_ps(value); }
    static Floats load_floats(const float* p) { return _mm256_loadu_ps(p); }
    static void store(float* p, Floats a) { _mm256_storeu_ps(p, a); }
    static Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
    static Floats sub(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
    static Floats mul(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
    static Floats fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }

    static float greatest_magnitude(const float* p) {
        const __m256i mask = _mm256_set1_epi32(0x7fffffff);
        __m256i most = _mm256_setzero_si256();
        for (int i = 0; i < 4; ++i) {
            most = _mm256_max_epi32(most, _mm256_and_si256(mask, _mm256_castps_si256(_mm256_loadu_ps(p + 8 * i))));
        }
        __m128i half = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
        half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0x4e));
        half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0xb1));
        return _mm_cvtss_f32(_mm_castsi128_ps(half));
    }
    static void round(const float* p, float factor, std::int8_t* to, std::int8_t* fine, HalfSums (&sums)[2]) {
        const __m256 by = _mm256_set1_ps(factor);
        __m256i whole[4];
        __m256i rest[4];
        WYVERN_UNROLL
        for (int i = 0; i < 4; ++i) {
            whole[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(p + 8 * i), by));
            if (fine == nullptr) continue;
            const __m256i integer = whole[i];
            whole[i] = _mm256_srai_epi32(_mm256_add_epi32(integer, _mm256_set1_epi32(64)), 7);
            rest[i] = _mm256_sub_epi32(integer, _mm256_slli_epi32(whole[i], 7));
        }
        sums[0] = store_bytes(whole, to);
        if (fine != nullptr) sums[1] = store_bytes(rest, fine);
    }

    /// Puts four inputs into every lane.
    static Bits inputs(const std::int8_t* p) {
        std::int32_t four;
        std::memcpy(&four, p, sizeof four);
        return _mm256_set1_epi32(four);
    }

 private:
    /// Writes 32 integers as bytes. Returns the sums of their halves.
    static HalfSums store_bytes(const __m256i (&x)[4], std::int8_t* to) {
        // Packing works within halves, so the eight groups of four come out in the order 0 4 1 5 2 6 3 7.
        const __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(x[0], x[1]), _mm256_packs_epi32(x[2], x[3]));
        const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_permutevar8x32_epi32(packed, order));
        // Two sums in each half, then one sum of four.
        const __m256i pairs = _mm256_hadd_epi32(_mm256_add_epi32(x[0], x[1]), _mm256_add_epi32(x[2], x[3]));
        const __m128i fours = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
        const __m128i sums = _mm_hadd_epi32(fours, fours);
        return {_mm_cvtsi128_si32(sums), _mm_extract_epi32(sums, 1)};
    }
};

/// Eight output rows: AVX2, FMA, F16C.
struct Avx2Lanes : Avx2Base<Avx2Lanes> {
    static constexpr int kTokens = 4;
    static constexpr int kFloatTokens = 4;

    template <Weights W, bool kMany>
    static void arrange(Bits (&)[8]) {}

    template <Weights W, int kOffset, int kQuads, int T, bool kMany>
    static void dot(const Bits* quads, const std::int8_t* x, const std::int32_t* sums, Bits (&products)[T]) {
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) products[t] = _mm256_set1_epi32(-kOffset * sums[t]);
        if constexpr (W == Weights::signed8) {
            signed_products<kQuads, T>(quads, x, products);
        } else {
            // Sums of products of two inputs fit 16 bits for eight quads (15 · 127 · 2 · 8), four (31 · 127 · 2 · 4) or
            // two (63 · 127 · 2 · 2).
            constexpr int kFitting = W == Weights::unsigned4 ? 8 : W == Weights::unsigned5 ? 4 : 2;
            constexpr int kStep = kFitting < kQuads ? kFitting : kQuads;
            WYVERN_UNROLL
            for (int first = 0; first < kQuads; first += kStep) {
                Bits pairs[T];
                WYVERN_UNROLL
                for (int j = first; j < first + kStep; ++j) {
                    const Bits quad = quads[j];
                    WYVERN_UNROLL
                    for (int t = 0; t < T; ++t) {
                        const Bits product = _mm256_maddubs_epi16(quad, inputs(x + 32 * t + 4 * j));
                        pairs[t] = j == first ? product : _mm256_add_epi16(pairs[t], product);
                    }
                }
                WYVERN_UNROLL
                for (int t = 0; t < T; ++t) add_pairs(pairs[t], products[t]);
            }
        }
    }

 private:
    static void add_pairs(Bits pairs, Bits& sum) {
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }

    /// Multiplies the weights' magnitudes by inputs with the weights' signs: 128 · 127 · 2 fits 16 bits.
    template <int kQuads, int T>
    static void signed_products(const Bits* quads, const std::int8_t* x, Bits (&products)[T]) {
        WYVERN_UNROLL
        for (int j = 0; j < kQuads; ++j) {
            const Bits quad = quads[j];
            const Bits magnitude = _mm256_abs_epi8(quad);
            WYVERN_UNROLL
            for (int t = 0; t < T; ++t) {
                const Bits turned = _mm256_sign_epi8(inputs(x + 32 * t + 4 * j), quad);
                add_pairs(_mm256_maddubs_epi16(magnitude, turned), products[t]);
            }
        }
    }
};

}  // namespace wyvern::kernels
