#pragma once

#include "../vector_target.h"
#include "linear_kernels.h"
#include "output_rows.h"

namespace wyvern::kernels {

/// The inner loops for lanes `L` and float weights `W`. For each input, in order: `sum = fma(weight, input, sum)`.
template <class L, class W>
class FloatLoops {
    using Floats = typename L::Floats;
    using Index = std::int64_t;

    static constexpr int kLanes = L::kLanes;
    static constexpr int kParts = static_cast<int>(kGroupRows) / kLanes;
    static constexpr Index kBytes = W::kShape.bytes * kGroupRows;
    /// Groups that one row of inputs passes at a time: each has its own chains, so that sums do not wait for each
    /// other.
    static constexpr int kAbreast = 4;

    /// Multiplies `T` rows of inputs, from `token` on, by `G` groups, from `group` on.
    template <int T, int G>
    static void chains(const InputRows& x, const LinearOutput& output, Index token, Index group) {
        const float* input = x.input + token * x.width;
        const std::uint8_t* weights = output.weight.data + group * x.width * kBytes;
        Floats total[T][G * kParts];
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) {
            WYVERN_UNROLL
            for (int part = 0; part < G * kParts; ++part) total[t][part] = L::set(0);
        }
        for (Index i = 0; i < x.width; ++i) {
            Floats w[G * kParts];
            WYVERN_UNROLL
            for (int part = 0; part < G * kParts; ++part) {
                w[part] = W::template load<L>(weights + (part / kParts * x.width + i) * kBytes, part % kParts * kLanes);
            }
            WYVERN_UNROLL
            for (int t = 0; t < T; ++t) {
                const Floats value = L::set(input[t * x.width + i]);
                WYVERN_UNROLL
                for (int part = 0; part < G * kParts; ++part) total[t][part] = L::fma(w[part], value, total[t][part]);
            }
        }
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) {
            WYVERN_UNROLL
            for (int part = 0; part < G * kParts; ++part) {
                const Index row = group * kGroupRows + part * kLanes;
                if (row < output.weight.rows) OutputRows<L>::store(total[t][part], output, token + t, row, true);
            }
        }
    }

    /// Takes the rows of inputs from `token` on, `T` at a time, and then the rest.
    template <int T>
    static void tokens(const InputRows& x, const LinearOutput& output, Index token, Index group) {
        for (; token + T <= x.rows; token += T) chains<T, 1>(x, output, token, group);
        if constexpr (T > 1) tokens<T / 2>(x, output, token, group);
    }

 public:
    static void one(const InputRows& x, const LinearOutput& output, Index first, Index last) {
        for (; first + kAbreast <= last; first += kAbreast) chains<1, kAbreast>(x, output, 0, first);
        for (; first < last; ++first) chains<1, 1>(x, output, 0, first);
    }

    static void many(const InputRows& x, const LinearOutput& output, Index group, void*) {
        tokens<L::kFloatTokens>(x, output, 0, group);
    }
};

}  // namespace wyvern::kernels
