#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "../narrow_float.h"
#include "blocks.h"
#include "linear_kernels.h"

namespace wyvern::kernels {

/// `N` output rows without intrinsics. This is the definition: every other version must give the same bits.
///
/// `Bits` are lanes of 32 bits: 4 bytes or one integer. `Floats` are the same number of float32 lanes.
template <int N>
struct PortableLanes {
    static constexpr int kLanes = N;
    /// Tokens that share a pass over widened weights, and over float weights.
    static constexpr int kTokens = 2;
    static constexpr int kFloatTokens = 2;

    struct Bits {
        std::uint32_t lane[kLanes];
    };
    struct Floats {
        float lane[kLanes];
    };

    static Bits load(const std::uint8_t* p) {
        Bits x;
        std::memcpy(x.lane, p, sizeof x.lane);
        return x;
    }
    /// Starts to load the cache line of an address, which need not be valid.
    static void prefetch(std::uintptr_t) {}
    static Bits spread(std::uint32_t value) {
        return each([=](int) { return value; });
    }
    static Bits both(Bits a, Bits b) {
        return each([&](int i) { return a.lane[i] & b.lane[i]; });
    }
    static Bits either(Bits a, Bits b) {
        return each([&](int i) { return a.lane[i] | b.lane[i]; });
    }
    /// For integers.
    static Bits sum(Bits a, Bits b) {
        return each([&](int i) { return a.lane[i] + b.lane[i]; });
    }
    static Bits times(Bits a, std::uint32_t factor) {
        return each([&](int i) { return a.lane[i] * factor; });
    }
    template <int C>
    static Bits shift_right(Bits a) {
        return shift_right_by(a, C);
    }
    static Bits shift_right_by(Bits a, int count) {
        return each([&](int i) { return a.lane[i] >> count; });
    }
    template <int C>
    static Bits shift_left(Bits a) {
        return each([&](int i) { return a.lane[i] << C; });
    }

    /// Replaces each byte, 0 … 15, by an entry of the table.
    static Bits look_up(Bits a, const std::int8_t (&table)[16]) {
        return each([&](int i) {
            std::uint32_t bytes = 0;
            for (int place = 0; place < 32; place += 8) {
                bytes |= std::uint32_t{static_cast<std::uint8_t>(table[a.lane[i] >> place & 15])} << place;
            }
            return bytes;
        });
    }

    /// Reads 16 bits for each lane.
    static Bits words(const std::uint8_t* p) {
        return each([&](int i) {
            std::uint16_t bits;
            std::memcpy(&bits, p + 2 * i, sizeof bits);
            return std::uint32_t{bits};
        });
    }
    /// Reads a binary16 number for each lane.
    static Floats halves(const std::uint8_t* p) {
        const Bits bits = words(p);
        return each_float([&](int i) { return half_to_float(static_cast<std::uint16_t>(bits.lane[i])); });
    }
    static Floats bits_as_floats(Bits a) {
        return each_float([&](int i) { return std::bit_cast<float>(a.lane[i]); });
    }
    /// For signed integers.
    static Floats to_floats(Bits a) {
        return each_float([&](int i) { return static_cast<float>(static_cast<std::int32_t>(a.lane[i])); });
    }
    static Floats set(float value) {
        return each_float([=](int) { return value; });
    }
    static Floats load_floats(const float* p) {
        return each_float([=](int i) { return p[i]; });
    }
    static void store(float* p, Floats a) { std::memcpy(p, a.lane, sizeof a.lane); }
    static Floats add(Floats a, Floats b) {
        return each_float([&](int i) { return a.lane[i] + b.lane[i]; });
    }
    static Floats sub(Floats a, Floats b) {
        return each_float([&](int i) { return a.lane[i] - b.lane[i]; });
    }
    static Floats mul(Floats a, Floats b) {
        return each_float([&](int i) { return a.lane[i] * b.lane[i]; });
    }
    static Floats fma(Floats a, Floats b, Floats c) {
        return each_float([&](int i) { return std::fma(a.lane[i], b.lane[i], c.lane[i]); });
    }

    /// Puts a unit's weights into the order that `dot` reads. `kMany`: more than one token follows.
    template <Weights W, bool kMany>
    static void arrange(Bits (&)[8]) {}

    /// products[t] = Σ (integer − kOffset) · input, exact, over the 4 · kQuads inputs of T tokens, which are 32 bytes
    /// apart. `sums` are the sums of each token's inputs. `kMany` is the same as when the weights were arranged.
    template <Weights W, int kOffset, int kQuads, int T, bool kMany>
    static void dot(const Bits* quads, const std::int8_t* inputs, const std::int32_t* sums, Bits (&products)[T]) {
        for (int t = 0; t < T; ++t) {
            products[t] = each([&](int lane) {
                std::int32_t sum = -kOffset * sums[t];
                for (int j = 0; j < kQuads; ++j) sum += four<W>(quads[j].lane[lane], inputs + 32 * t + 4 * j);
                return static_cast<std::uint32_t>(sum);
            });
        }
    }

    /// Returns the greatest of 32 magnitudes. Infinity and NaN count as greater than every number.
    static float greatest_magnitude(const float* p) {
        std::uint32_t greatest = 0;
        for (int i = 0; i < 32; ++i) {
            const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(p[i]) & 0x7fffffffu;
            greatest = magnitude > greatest ? magnitude : greatest;
        }
        return std::bit_cast<float>(greatest);
    }
    /// Rounds 32 inputs times `factor` to the nearest integers, ties to even. With `fine`, splits each into `128 · to +
    /// fine`, where fine is −64 … 63. Adds the sums of `to` and of `fine` to `sums`.
    static void round(const float* p, float factor, std::int8_t* to, std::int8_t* fine, HalfSums (&sums)[2]) {
        for (int i = 0; i < 32; ++i) {
            // Adding and subtracting 1.5 · 2^23 rounds this way.
            const float shifted = p[i] * factor + 12582912.0f;
            const auto integer = static_cast<std::int32_t>(shifted - 12582912.0f);
            const std::int32_t whole = fine == nullptr ? integer : (integer + 64) >> 7;
            to[i] = static_cast<std::int8_t>(whole);
            (i < 16 ? sums[0].first : sums[0].last) += whole;
            if (fine == nullptr) continue;
            fine[i] = static_cast<std::int8_t>(integer - 128 * whole);
            (i < 16 ? sums[1].first : sums[1].last) += fine[i];
        }
    }

 private:
    template <class F>
    static Bits each(F f) {
        Bits x;
        for (int i = 0; i < kLanes; ++i) x.lane[i] = f(i);
        return x;
    }
    template <class F>
    static Floats each_float(F f) {
        Floats x;
        for (int i = 0; i < kLanes; ++i) x.lane[i] = f(i);
        return x;
    }
    template <Weights W>
    static std::int32_t four(std::uint32_t quad, const std::int8_t* inputs) {
        std::int32_t sum = 0;
        for (int i = 0; i < 4; ++i) {
            const auto byte = static_cast<std::uint8_t>(quad >> 8 * i);
            sum += (W == Weights::signed8 ? static_cast<std::int8_t>(byte) : byte) * inputs[i];
        }
        return sum;
    }
};

}  // namespace wyvern::kernels
