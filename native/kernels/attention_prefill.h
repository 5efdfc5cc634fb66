#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// vector type, so that no two of those files define the same function. What it uses of others is included before that.

#include "attention_base.h"
#include "vector_target.h"

namespace wyvern::kernels {

/// A unit of prefill: a block of query rows of one KV head against all slots that it sees, `kSlots` at a time.
///
/// Lanes are query rows throughout, so that softmax needs no sums across lanes, and keys and values are used in the
/// order in which the cache holds them: scoresᵀ = keys · queriesᵀ, outᵀ += valuesᵀ · weightsᵀ.
template <class V>
class AttentionPrefill : AttentionBase<V> {
    using Base = AttentionBase<V>;
    using Base::add_mask;
    using Base::is_hidden;
    using Base::kHidden;
    using Base::kLanes;
    using Base::kLog2E;
    using Base::kSlots;
    using Base::least;
    using Base::prefetch_slots;
    using Base::round_up;
    using Base::vector_of;
    using Base::widen;
    using Base::widen_slots;
    using typename Base::Cutter;
    using typename Base::Index;
    using typename Base::Reg;

    static constexpr int kRows = V::kTileRows;
    static constexpr Index kTile = kLanes * V::kTileVectors;

    /// c[i][j] = (kAdd ? c[i][j] * rescale[j] : 0) + Σ_k a[i * a_row + k * a_step] * b[k * b_step + j]
    /// for `kRows` rows i and `N` vectors of j.
    template <int N, bool kAdd>
    static void multiply(const float* a, Index a_row, Index a_step, const float* b, Index b_step, Index steps, float* c,
                         Index c_row, const float* rescale) {
        Reg sum[kRows][N];
        WYVERN_UNROLL
        for (int i = 0; i < kRows; ++i) {
            WYVERN_UNROLL
            for (int j = 0; j < N; ++j) {
                sum[i][j] =
                    kAdd ? V::mul(V::load(c + i * c_row + j * kLanes), V::load(rescale + j * kLanes)) : V::zero();
            }
        }
        for (Index k = 0; k < steps; ++k) {
            Reg row[N];
            WYVERN_UNROLL
            for (int j = 0; j < N; ++j) row[j] = V::load(b + j * kLanes);
            WYVERN_UNROLL
            for (int i = 0; i < kRows; ++i) {
                const Reg x = V::set(a[i * a_row]);
                WYVERN_UNROLL
                for (int j = 0; j < N; ++j) sum[i][j] = V::fma(x, row[j], sum[i][j]);
            }
            a += a_step;
            b += b_step;
        }
        WYVERN_UNROLL
        for (int i = 0; i < kRows; ++i) {
            WYVERN_UNROLL
            for (int j = 0; j < N; ++j) V::store(c + i * c_row + j * kLanes, sum[i][j]);
        }
    }

    /// Working buffers of one unit of prefill, `rows` lanes wide.
    struct Buffers {
        Index rows;
        Index padded_dim;
        float* queries;   ///< [dim][rows]
        float* out;       ///< [padded_dim][rows]
        float* weights;   ///< [kSlots][kTile]
        float* keys;      ///< [kSlots][padded_dim]
        float* values;    ///< [kSlots][padded_dim]
        float* greatest;  ///< [rows]
        float* sum;       ///< [rows]
        float* visible;   ///< [rows]: how many slots the row sees
        float* rescale;   ///< [kTile]
        std::size_t size;

        Buffers(const Attention& a, Index row_count, float* scratch)
            : rows(round_up(row_count, kLanes)), padded_dim(round_up(a.dim, kRows)) {
            Cutter cutter{scratch};
            queries = cutter.take(a.dim * rows);
            out = cutter.take(padded_dim * rows);
            weights = cutter.take(kSlots * kTile);
            keys = cutter.take(kSlots * padded_dim);
            values = cutter.take(kSlots * padded_dim);
            greatest = cutter.take(rows);
            sum = cutter.take(rows);
            visible = cutter.take(rows);
            rescale = cutter.take(kTile);
            size = cutter.used;
        }
    };

    /// Turns scores into weights in place, and updates each row's greatest score and sum.
    template <int N>
    static void softmax(const Buffers& p, Index lane, Index first, Index count, bool causal_edge) {
        for (int j = 0; j < N; ++j) {
            float* column = p.weights + j * kLanes;
            const Index at = lane + j * kLanes;
            const Reg before = V::load(p.greatest + at);
            Reg most = before;
            if (causal_edge) {
                const Reg visible = V::load(p.visible + at);
                for (Index slot = 0; slot < count; ++slot) {
                    const Reg score = V::where_less(V::set(static_cast<float>(first + slot)), visible,
                                                    V::load(column + slot * kTile), V::set(kHidden));
                    V::store(column + slot * kTile, score);
                    most = V::max(most, score);
                }
            } else {
                for (Index slot = 0; slot < count; ++slot) most = V::max(most, V::load(column + slot * kTile));
            }
            Reg total = V::zero();
            for (Index slot = 0; slot < count; ++slot) {
                const Reg weight = V::exp2(V::sub(V::load(column + slot * kTile), most));
                V::store(column + slot * kTile, weight);
                total = V::add(total, weight);
            }
            const Reg rescale = V::exp2(V::sub(before, most));
            V::store(p.rescale + j * kLanes, rescale);
            V::store(p.greatest + at, most);
            V::store(p.sum + at, V::fma(V::load(p.sum + at), rescale, total));
        }
    }

    /// One tile of `N` vectors of rows against one block of slots, whose keys and values are widened already.
    template <int N>
    static void tile(const Attention& a, const RowBlock& block, const Buffers& p, Index lane, Index first,
                     Index count) {
        const Index group = a.group();
        const Index last_row = least(lane + N * kLanes, block.count) - 1;
        const Index first_token = (block.first + lane) / group;
        const Index last_token = (block.first + last_row) / group;
        bool causal_edge = false;
        if (a.causal) {
            const Index fewest = a.slots - a.tokens + first_token + 1;
            const Index most = a.slots - a.tokens + last_token + 1;
            if (first >= most) return;
            count = least(count, most - first);
            causal_edge = first + count > fewest;
        }
        if (a.mask != nullptr) {
            bool hidden = true;
            for (Index token = first_token; hidden && token <= last_token; ++token) {
                hidden = is_hidden(a, token, first, count);
            }
            if (hidden) return;
        }
        // The widened keys are padded with zeros to whole register tiles; the scores past `count` are not used.
        for (Index slot = 0; slot < count; slot += kRows) {
            if (lane == 0) {
                prefetch_slots(a.key, block.batch, block.kv_head, first + kSlots + slot, kRows, a.dim);
                prefetch_slots(a.value, block.batch, block.kv_head, first + kSlots + slot, kRows, a.dim);
            }
            multiply<N, false>(p.keys + slot * p.padded_dim, p.padded_dim, 1, p.queries + lane, p.rows, a.dim,
                               p.weights + slot * kTile, kTile, nullptr);
        }
        if (a.mask != nullptr) {
            for (Index row = lane; row <= last_row; ++row) {
                const Index token = (block.first + row) / group;
                float* column = p.weights + (row - lane);
                for (Index slot = 0; slot < count; ++slot) {
                    add_mask(a, token, first + slot, column[slot * kTile]);
                }
            }
        }
        softmax<N>(p, lane, first, count, causal_edge);
        for (Index i = 0; i < p.padded_dim; i += kRows) {
            multiply<N, true>(p.values + i, 1, p.padded_dim, p.weights, kTile, count, p.out + i * p.rows + lane, p.rows,
                              p.rescale);
        }
    }

    template <int N>
    static void tile_of_width(Index vectors, const Attention& a, const RowBlock& block, const Buffers& p, Index lane,
                              Index first, Index count) {
        if constexpr (N > 1) {
            if (vectors < N) return tile_of_width<N - 1>(vectors, a, block, p, lane, first, count);
        }
        tile<N>(a, block, p, lane, first, count);
    }

    static void read_queries(const Attention& a, const RowBlock& block, const Buffers& p) {
        const Index group = a.group();
        for (Index row = 0; row < p.rows; ++row) {
            if (row >= block.count) {
                for (Index i = 0; i < a.dim; ++i) p.queries[i * p.rows + row] = 0;
                p.visible[row] = 0;
            } else {
                const Index token = (block.first + row) / group;
                const Index head = block.kv_head * group + (block.first + row) % group;
                // Through the keys' buffer, which is as wide and not in use yet.
                widen(a.query, vector_of(a.query, block.batch, token, head), a.dim, a.dim, a.scale * kLog2E, p.keys);
                for (Index i = 0; i < a.dim; ++i) p.queries[i * p.rows + row] = p.keys[i];
                p.visible[row] = static_cast<float>(a.causal ? a.slots - a.tokens + token + 1 : a.slots);
            }
            p.greatest[row] = kNoScore;
            p.sum[row] = 0;
        }
        for (Index i = 0; i < p.padded_dim * p.rows; ++i) p.out[i] = 0;
    }

    static void write_rows(const Attention& a, const RowBlock& block, const Buffers& p) {
        const Index group = a.group();
        for (Index row = 0; row < block.count; ++row) {
            const Index token = (block.first + row) / group;
            const Index head = block.kv_head * group + (block.first + row) % group;
            const Index base = vector_of(a.query, block.batch, token, head) * a.dim;
            // A row that saw nothing has a sum of 0, and zeros in `out`. NaN sums stay NaN.
            const float share = p.sum[row] == 0 ? 0.0f : 1.0f / p.sum[row];
            for (Index i = 0; i < a.dim; ++i)
                write_element(a.out, a.out_element, base + i, p.out[i * p.rows + row] * share);
        }
    }

 public:
    static std::size_t scratch_size(const Attention& a, Index rows) { return Buffers(a, rows, nullptr).size; }

    static void run(const Attention& a, const RowBlock& block, float* scratch) {
        const Buffers p(a, block.count, scratch);
        read_queries(a, block, p);
        const Index last_token = (block.first + block.count - 1) / a.group();
        const Index seen = a.causal ? a.slots - a.tokens + last_token + 1 : a.slots;
        for (Index first = 0; first < seen; first += kSlots) {
            const Index count = least(kSlots, seen - first);
            widen_slots(a.key, block.batch, block.kv_head, first, count, a.dim, p.padded_dim, p.keys);
            for (Index i = count * p.padded_dim; i < round_up(count, kRows) * p.padded_dim; ++i) p.keys[i] = 0;
            widen_slots(a.value, block.batch, block.kv_head, first, count, a.dim, p.padded_dim, p.values);
            for (Index lane = 0; lane < p.rows; lane += kTile) {
                tile_of_width<V::kTileVectors>((p.rows - lane) / kLanes, a, block, p, lane, first, count);
            }
        }
        write_rows(a, block, p);
    }
};

}  // namespace wyvern::kernels
