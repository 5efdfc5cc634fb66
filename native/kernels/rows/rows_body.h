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

    /// A row of the state's columns.
    struct Columns {
        static constexpr int kVectors = static_cast<int>(DeltaRule::kColumns) / kLanes;
        Reg part[kVectors];

        static Columns set(float x) {
            Columns all;
            for (int j = 0; j < kVectors; ++j) all.part[j] = V::set(x);
            return all;
        }
        static Columns load(const float* p) {
            Columns all;
            for (int j = 0; j < kVectors; ++j) all.part[j] = V::load(p + j * kLanes);
            return all;
        }
        void store(float* p) const {
            for (int j = 0; j < kVectors; ++j) V::store(p + j * kLanes, part[j]);
        }
        void add_product(const Columns& a, const Columns& b) {
            for (int j = 0; j < kVectors; ++j) part[j] = V::fma(a.part[j], b.part[j], part[j]);
        }
        void multiply(const Columns& a) {
            for (int j = 0; j < kVectors; ++j) part[j] = V::mul(part[j], a.part[j]);
        }
        void subtract(const Columns& a) {
            for (int j = 0; j < kVectors; ++j) part[j] = V::sub(part[j], a.part[j]);
        }
    };

    static void delta_rule(const DeltaRule& rule) {
        constexpr Index kColumns = DeltaRule::kColumns;
        float padded[kColumns] = {};
        for (Index token = 0; token < rule.tokens; ++token) {
            const float* key = rule.key + token * rule.keys;
            const float* decay = rule.decay + token * rule.decay_width;
            Columns found = Columns::set(0);
            for (Index k = 0; k < rule.keys; ++k) {
                Columns row = Columns::load(rule.state + k * kColumns);
                row.multiply(Columns::set(decay[rule.decay_width == 1 ? 0 : k]));
                row.store(rule.state + k * kColumns);
                found.add_product(row, Columns::set(key[k]));
            }
            const float* value = rule.value + token * rule.values;
            for (Index i = 0; i < rule.columns; ++i) padded[i] = value[i];
            Columns change = Columns::load(padded);
            change.subtract(found);
            change.multiply(Columns::set(rule.beta[token]));
            for (Index k = 0; k < rule.keys; ++k) {
                Columns row = Columns::load(rule.state + k * kColumns);
                row.add_product(Columns::set(key[k]), change);
                row.store(rule.state + k * kColumns);
            }
            for (Index head = 0; head < rule.queries; ++head) {
                const float* query = rule.query + (head * rule.tokens + token) * rule.keys;
                Columns sum = Columns::set(0);
                for (Index k = 0; k < rule.keys; ++k) {
                    sum.add_product(Columns::load(rule.state + k * kColumns), Columns::set(query[k]));
                }
                float* out = rule.out + (head * rule.tokens + token) * rule.values;
                float result[kColumns];
                sum.store(result);
                for (Index i = 0; i < rule.columns; ++i) out[i] = result[i];
            }
        }
    }

    static constexpr RowKernels table() { return {rms_norm, silu_mul, gelu_mul, rotate, delta_rule}; }
};

}  // namespace wyvern::kernels
