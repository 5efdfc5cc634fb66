#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// vector type, so that no two of those files define the same function. Those files include the other headers before it.

#include "../virtual_lanes.h"
#include "row_kernels.h"

namespace wyvern::kernels {

/// The inner loops of `RowKernels` for vectors `V`. If a row is not a whole number of vectors, a zero-padded copy of
/// its end replaces the last vector.
template <class V>
struct RowLoops {
    using Reg = typename V::Reg;
    using Index = std::int64_t;
    static constexpr int kLanes = V::kLanes;

    /// Calls `step(i, n)` at each whole vector, with `n = kLanes`, and once for the shorter rest.
    template <class Step>
    static void each_vector(Index count, Step step) {
        Index i = 0;
        for (; i + kLanes <= count; i += kLanes) step(i, Index{kLanes});
        if (i < count) step(i, count - i);
    }
    static Reg load(const float* p, Index count) {
        if (count == kLanes) return V::load(p);
        float padded[kLanes] = {};
        for (Index i = 0; i < count; ++i) padded[i] = p[i];
        return V::load(padded);
    }
    static void store(float* p, Reg x, Index count) {
        if (count == kLanes) return V::store(p, x);
        float lanes[kLanes];
        V::store(lanes, x);
        for (Index i = 0; i < count; ++i) p[i] = lanes[i];
    }

    static void rms_norm(const float* x, const float* weight, float eps, Index width, float* out) {
        using Lanes = VirtualLanes<V>;
        Reg squares[Lanes::kVectors];
        WYVERN_UNROLL
        for (int i = 0; i < Lanes::kVectors; ++i) squares[i] = V::zero();
        Index i = 0;
        for (; i + Lanes::kCount <= width; i += Lanes::kCount) {
            WYVERN_UNROLL
            for (int j = 0; j < Lanes::kVectors; ++j) {
                const Reg value = V::load(x + i + j * kLanes);
                squares[j] = V::fma(value, value, squares[j]);
            }
        }
        for (int j = 0; i < width; i += kLanes, ++j) {
            const Reg value = load(x + i, width - i < kLanes ? width - i : kLanes);
            squares[j] = V::fma(value, value, squares[j]);
        }
        const float mean = Lanes::sum(squares) / static_cast<float>(width);
        const float factor = 1.0f / std::sqrt(mean + eps);
        each_vector(width, [&](Index at, Index n) {
            store(out + at, V::mul(V::mul(load(x + at, n), V::set(factor)), load(weight + at, n)), n);
        });
    }

    static Reg sigmoid(Reg x) {
        constexpr float kLog2E = 1.44269504f;
        const Reg negative = V::mul(x, V::set(-1));
        // Uses e^−|x|, so that nothing overflows: 1 / (1 + e^−x) = e^x / (1 + e^x).
        const Reg power = V::exp2(V::mul(V::where_less(x, V::zero(), x, negative), V::set(kLog2E)));
        const Reg above = V::where_less(x, V::zero(), power, V::set(1));
        return V::div(above, V::add(V::set(1), power));
    }

    static void silu_mul(const float* gate, const float* up, Index count, float* out) {
        each_vector(count, [&](Index at, Index n) {
            const Reg x = load(gate + at, n);
            store(out + at, V::mul(V::mul(x, sigmoid(x)), load(up + at, n)), n);
        });
    }

    static void gelu_mul(const float* gate, const float* up, Index count, float* out) {
        // (1 + tanh z) / 2 = sigmoid(2 z), with z = √(2/π) (x + 0.044715 x³).
        constexpr float kTwice = 1.59576912f;
        constexpr float kCube = 0.044715f;
        // Beyond, the share is 0 or 1, and a cube could overflow.
        constexpr float kFar = 100.0f;
        each_vector(count, [&](Index at, Index n) {
            const Reg x = load(gate + at, n);
            const Reg above = V::where_less(x, V::set(-kFar), V::set(-kFar), x);
            const Reg near = V::where_less(V::set(kFar), above, V::set(kFar), above);
            const Reg bent = V::fma(V::mul(near, near), V::mul(near, V::set(kCube)), near);
            store(out + at, V::mul(V::mul(x, sigmoid(V::mul(bent, V::set(kTwice)))), load(up + at, n)), n);
        });
    }

    static void rotate(const float* x, const float* cos, const float* sin, Index half, float* out) {
        each_vector(half, [&](Index at, Index n) {
            const Reg first = load(x + at, n);
            const Reg second = load(x + half + at, n);
            const Reg c = load(cos + at, n);
            const Reg s = load(sin + at, n);
            const Reg crossed = V::mul(V::mul(second, V::set(-1)), s);
            store(out + at, V::fma(first, c, crossed), n);
            store(out + half + at, V::fma(second, c, V::mul(first, s)), n);
        });
    }

    static constexpr RowKernels table() { return {rms_norm, silu_mul, gelu_mul, rotate}; }
};

}  // namespace wyvern::kernels
