#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// vector type, so that no two of those files define the same function. Those files include the other headers before it.

#include "attention_base.h"
#include "vector_target.h"
#include "virtual_lanes.h"

namespace wyvern::kernels {

/// A unit of prefill: a block of query rows of one KV head against all slots that it sees, `kSlots` at a time.
///
/// Lanes are always query rows, so softmax needs no sums across lanes, and the code uses keys and values in the cache's
/// order: scoresᵀ = keys · queriesᵀ, outᵀ += valuesᵀ · weightsᵀ.
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

    template <int N>
    using Tile = Reg[kRows][N];

    template <int N, class F>
    static void each(F f) {
        WYVERN_UNROLL
        for (int i = 0; i < kRows; ++i) {
            WYVERN_UNROLL
            for (int j = 0; j < N; ++j) f(i, j);
        }
    }

    /// sum[i][j] += Σ_k a[i * a_row + k * a_step] * b[k * b_step + j] for `kRows` rows i and `N` vectors of j.
    template <int N>
    static void multiply(const float* a, Index a_row, Index a_step, const float* b, Index b_step, Index steps,
                         Tile<N>& sum) {
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
    }

    /// c[i][j] = Σ_k keys[i * key_row + k] * queries[k * query_step + j], summed as in decode: in sixteen chains, which
    /// `VirtualLanes::sum` adds in pairs, then pairs of pairs.
    template <int N>
    static void score(const float* keys, Index key_row, const float* queries, Index query_step, Index dim, float* c,
                      float* halves) {
        constexpr Index kChains = VirtualLanes<V>::kCount;
        for (Index leaf = 0; leaf < kChains; ++leaf) {
            const Index chain = leaf / 2 + leaf % 2 * (kChains / 2);
            Tile<N> sum;
            each<N>([&](int i, int j) { sum[i][j] = V::zero(); });
            const Index steps = chain < dim ? (dim - chain + kChains - 1) / kChains : 0;
            multiply<N>(keys + chain, key_row, kChains, queries + chain * query_step, kChains * query_step, steps, sum);
            // This works like the carry of a binary counter: a sum joins the waiting sum of its size.
            Index level = 0;
            for (; (leaf >> level) % 2 == 1; ++level) {
                const float* waiting = halves + level * kRows * kTile;
                each<N>(
                    [&](int i, int j) { sum[i][j] = V::add(V::load(waiting + i * kTile + j * kLanes), sum[i][j]); });
            }
            float* to = leaf + 1 == kChains ? c : halves + level * kRows * kTile;
            each<N>([&](int i, int j) { V::store(to + i * kTile + j * kLanes, sum[i][j]); });
        }
    }

    /// out[i][j] = out[i][j] * rescale[j] + Σ_slot values[slot * value_row + i] * weights[slot * kTile + j].
    template <int N>
    static void weigh(const float* values, Index value_row, const float* weights, Index count, float* out,
                      Index out_row, const float* rescale) {
        Tile<N> sum;
        each<N>([&](int i, int j) {
            sum[i][j] = V::mul(V::load(out + i * out_row + j * kLanes), V::load(rescale + j * kLanes));
        });
        multiply<N>(values, 1, value_row, weights, kTile, count, sum);
        each<N>([&](int i, int j) { V::store(out + i * out_row + j * kLanes, sum[i][j]); });
    }

    /// Working buffers of one unit of prefill, `rows` lanes wide.
    struct Buffers {
        Index rows;
        Index padded_dim;
        float* queries;         ///< [dim][rows]
        float* out;             ///< [padded_dim][rows]
        float* weights;         ///< [kSlots][kTile]
        float* keys;            ///< [kSlots][padded_dim]
        float* values;          ///< [kSlots][padded_dim]
        float* greatest;        ///< [rows]
        float* sum;             ///< [rows]
        float* visible;         ///< [rows]: how many slots the row sees
        float* rescale;         ///< [kTile]
        float* halves;          ///< [4][kRows][kTile]: sums that wait for another of their size
        float* total_out;       ///< [padded_dim][rows]: `out`, `greatest` and `sum` of the segments before
        float* total_greatest;  ///< [rows]
        float* total_sum;       ///< [rows]
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
            halves = cutter.take(4 * kRows * kTile);
            total_out = cutter.take(padded_dim * rows);
            total_greatest = cutter.take(rows);
            total_sum = cutter.take(rows);
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
            const Reg total = weights_of(column, count, most);
            const Reg rescale = V::exp2(V::sub(before, most));
            V::store(p.rescale + j * kLanes, rescale);
            V::store(p.greatest + at, most);
            V::store(p.sum + at, V::fma(V::load(p.sum + at), rescale, total));
        }
    }

    /// Turns the scores of a column into weights. Returns their sum, in decode's order.
    static Reg weights_of(float* column, Index count, Reg most) {
        constexpr Index kChains = VirtualLanes<V>::kCount;
        Reg chains[kChains];
        for (Reg& chain : chains) chain = V::zero();
        for (Index slot = 0; slot < count; slot += kChains) {
            for (Index i = 0; i < kChains && slot + i < count; ++i) {
                float* at = column + (slot + i) * kTile;
                const Reg weight = V::exp2(V::sub(V::load(at), most));
                V::store(at, weight);
                chains[i] = V::add(chains[i], weight);
            }
        }
        for (Index i = 0; i < 8; ++i) chains[i] = V::add(chains[i], chains[i + 8]);
        for (Index width = 1; width < 8; width *= 2) {
            for (Index i = 0; i < 8; i += 2 * width) chains[i] = V::add(chains[i], chains[i + width]);
        }
        return chains[0];
    }

    /// Joins the latest segment's sums with those before, like `AttentionDecode::join`.
    static void end_segment(const Attention& a, const Buffers& p) {
        for (Index lane = 0; lane < p.rows; lane += kLanes) {
            const Reg greatest = V::load(p.total_greatest + lane);
            const Reg other = V::load(p.greatest + lane);
            const Reg most = V::max(greatest, other);
            const Reg before = V::exp2(V::sub(greatest, most));
            const Reg now = V::exp2(V::sub(other, most));
            V::store(p.total_greatest + lane, most);
            const auto join = [&](float* total, float* part) {
                V::store(total, V::fma(V::load(total), before, V::mul(V::load(part), now)));
                V::store(part, V::zero());
            };
            join(p.total_sum + lane, p.sum + lane);
            for (Index i = 0; i < a.dim; ++i) join(p.total_out + i * p.rows + lane, p.out + i * p.rows + lane);
            V::store(p.greatest + lane, V::set(kNoScore));
        }
    }

    /// Runs one tile of `N` vectors of rows against one block of slots. Its keys and values are already widened.
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
        // Zeros pad the widened keys to whole register tiles; nothing uses the scores past `count`.
        for (Index slot = 0; slot < count; slot += kRows) {
            if (lane == 0) {
                prefetch_slots(a.key, block.batch, block.kv_head, first + kSlots + slot, kRows, a.dim);
                prefetch_slots(a.value, block.batch, block.kv_head, first + kSlots + slot, kRows, a.dim);
            }
            score<N>(p.keys + slot * p.padded_dim, p.padded_dim, p.queries + lane, p.rows, a.dim,
                     p.weights + slot * kTile, p.halves);
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
            weigh<N>(p.values + i, p.padded_dim, p.weights, count, p.out + i * p.rows + lane, p.rows, p.rescale);
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
                // Uses the keys' buffer, which is as wide and still free.
                widen(a.query, vector_of(a.query, block.batch, token, head), a.dim, a.dim, a.scale * kLog2E, p.keys);
                for (Index i = 0; i < a.dim; ++i) p.queries[i * p.rows + row] = p.keys[i];
                p.visible[row] = static_cast<float>(a.causal ? a.slots - a.tokens + token + 1 : a.slots);
            }
            p.greatest[row] = p.total_greatest[row] = kNoScore;
            p.sum[row] = p.total_sum[row] = 0;
        }
        for (Index i = 0; i < p.padded_dim * p.rows; ++i) p.out[i] = p.total_out[i] = 0;
    }

    static void write_rows(const Attention& a, const RowBlock& block, const Buffers& p) {
        const Index group = a.group();
        for (Index row = 0; row < block.count; ++row) {
            const Index token = (block.first + row) / group;
            const Index head = block.kv_head * group + (block.first + row) % group;
            const Index base = vector_of(a.query, block.batch, token, head) * a.dim;
            // A row that saw no slot has the sum 0 and zeros in `out`. NaN sums stay NaN.
            const float share = p.total_sum[row] == 0 ? 0.0f : 1.0f / p.total_sum[row];
            for (Index i = 0; i < a.dim; ++i)
                write_element(a.out, a.out_element, base + i, p.total_out[i * p.rows + row] * share);
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
            if (first > 0 && first % kSegment == 0) end_segment(a, p);
            const Index count = least(kSlots, seen - first);
            widen_slots(a.key, block.batch, block.kv_head, first, count, a.dim, p.padded_dim, p.keys);
            for (Index i = count * p.padded_dim; i < round_up(count, kRows) * p.padded_dim; ++i) p.keys[i] = 0;
            widen_slots(a.value, block.batch, block.kv_head, first, count, a.dim, p.padded_dim, p.values);
            for (Index lane = 0; lane < p.rows; lane += kTile) {
                tile_of_width<V::kTileVectors>((p.rows - lane) / kLanes, a, block, p, lane, first, count);
            }
        }
        end_segment(a, p);
        write_rows(a, block, p);
    }
};

}  // namespace wyvern::kernels
