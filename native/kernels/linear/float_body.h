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
    /// Groups that one row of inputs, or several, pass at a time: each has its own chains, so that sums do not wait for
    /// each other.
    static constexpr int kAbreastOfOne = 4;
    static constexpr int kAbreastOfMany = kParts == 1 ? 2 : 1;
    /// Inputs whose weights are on their way from memory.
    static constexpr Index kAhead = 2048 / kBytes;

    /// Prefetches the weights of `G` groups for input `i + kAhead`, or those of the groups that follow.
    template <int G>
    static void prefetch(const std::uint8_t* weights, Index width, Index i) {
        const Index next = i + kAhead < width ? i + kAhead : i + kAhead + (G - 1) * width;
        WYVERN_UNROLL
        for (int group = 0; group < G; ++group) {
            const Index at = (group * width + next) * kBytes;
            L::prefetch(reinterpret_cast<std::uintptr_t>(weights) + static_cast<std::uintptr_t>(at));
        }
    }

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
            if constexpr (T == 1) prefetch<G>(weights, x.width, i);
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
    template <int T, int G>
    static void tokens(const InputRows& x, const LinearOutput& output, Index token, Index group) {
        for (; token + T <= x.rows; token += T) chains<T, G>(x, output, token, group);
        if constexpr (T > 1) tokens<T / 2, G>(x, output, token, group);
    }

 public:
    static void one(const InputRows& x, const LinearOutput& output, Index first, Index last) {
        for (; first + kAbreastOfOne <= last; first += kAbreastOfOne) chains<1, kAbreastOfOne>(x, output, 0, first);
        for (; first < last; ++first) chains<1, 1>(x, output, 0, first);
    }

    static void many(const InputRows& x, const LinearOutput& output, Index first, Index last, void*) {
        for (; first + kAbreastOfMany <= last; first += kAbreastOfMany) {
            tokens<L::kFloatTokens, kAbreastOfMany>(x, output, 0, first);
        }
        for (; first < last; ++first) tokens<L::kFloatTokens, 1>(x, output, 0, first);
    }
};

}  // namespace wyvern::kernels
