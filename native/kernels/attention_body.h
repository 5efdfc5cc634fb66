#pragma once

// Included by one source file for each instruction set, below its WYVERN_TARGET: everything here is a template over the
// vector type, so that no two of those files define the same function. What it uses of others is included above it.

#include <limits>

#include "attention_kernels.h"
#include "narrow_float.h"
#include "vector_target.h"

namespace wyvern::kernels {

/// The inner loops of attention over vectors `V` (see `vector_avx512.h` for what that is).
///
/// Scores are kept in units of log2: queries are scaled by scale · log2(e) when they are read, masks when they are
/// added.
template <class V>
class AttentionBody {
    using Reg = typename V::Reg;
    using Index = std::int64_t;

    static constexpr int kLanes = V::kLanes;
    static constexpr int kRows = V::kTileRows;
    static constexpr Index kTile = kLanes * V::kTileVectors;
    /// Slots worked on at a time: their keys and values stay in the first two caches.
    static constexpr Index kSlots = 64;
    static constexpr float kLog2E = 1.44269504f;

    static constexpr float kHidden = -std::numeric_limits<float>::infinity();

    static Index round_up(Index n, Index unit) { return (n + unit - 1) / unit * unit; }
    static Index least(Index a, Index b) { return a < b ? a : b; }

    /// Cuts working buffers out of one block of scratch; measures only if there is none.
    struct Cutter {
        float* scratch;
        std::size_t used = 0;

        float* take(Index count) {
            float* start = scratch == nullptr ? nullptr : scratch + used;
            used += static_cast<std::size_t>(round_up(count, 16));
            return start;
        }
    };

    // --- reading -----------------------------------------------------------------------------------------------------

    static Index vector_of(const Operand& x, Index batch, Index token, Index head) {
        return batch * x.batch_stride + token * x.token_stride + head * x.head_stride;
    }

    template <Element E>
    static Reg load(const void* data, Index i) {
        if constexpr (E == Element::float32) return V::load(static_cast<const float*>(data) + i);
        if constexpr (E == Element::float16) return V::load_half(static_cast<const std::uint16_t*>(data) + i);
        if constexpr (E == Element::bfloat16) return V::load_bfloat(static_cast<const std::uint16_t*>(data) + i);
        if constexpr (E == Element::int8) return V::load_int8(static_cast<const std::int8_t*>(data) + i);
    }

    static float scalar(const void* data, Element element, Index i) {
        switch (element) {
            case Element::float16:
                return half_to_float(static_cast<const std::uint16_t*>(data)[i]);
            case Element::bfloat16:
                return bfloat_to_float(static_cast<const std::uint16_t*>(data)[i]);
            case Element::int8:
                return static_cast<float>(static_cast<const std::int8_t*>(data)[i]);
            case Element::float32:
                break;
        }
        return static_cast<const float*>(data)[i];
    }

    static constexpr Index size_of(Element element) {
        return element == Element::float32 ? 4 : element == Element::int8 ? 1 : 2;
    }

    /// Asks for `bytes` from `data + offset` on, which need not be there: a prefetch never faults. The rows of one head
    /// lie apart in the cache, too far for the processor to foresee.
    static void prefetch(const void* data, Index offset, Index bytes) {
        const auto start = reinterpret_cast<std::uintptr_t>(data) + static_cast<std::uintptr_t>(offset);
        for (Index i = 0; i < bytes; i += 64) V::prefetch(start + static_cast<std::uintptr_t>(i));
    }

    static void prefetch_slots(const Operand& x, Index batch, Index head, Index first, Index count, Index dim) {
        const Index bytes = dim * size_of(x.element);
        for (Index slot = first; slot < first + count; ++slot) {
            prefetch(x.data, vector_of(x, batch, slot, head) * bytes, bytes);
        }
    }

    /// One vector of `dim` elements as real numbers times `factor`, zeros up to `padded`.
    template <Element E>
    static void widen(const Operand& x, Index vector, Index dim, Index padded, float factor, float* to) {
        float offset = 0;
        if constexpr (E == Element::int8) {
            factor *= x.scales[vector];
            offset = -factor * static_cast<float>(x.zero_points[vector]);
        }
        const Index base = vector * dim;
        Index i = 0;
        for (; i + kLanes <= dim; i += kLanes) {
            const Reg value = load<E>(x.data, base + i);
            V::store(to + i, V::fma(value, V::set(factor), V::set(offset)));
        }
        for (; i < dim; ++i) to[i] = scalar(x.data, E, base + i) * factor + offset;
        for (; i < padded; ++i) to[i] = 0;
    }

    static void widen(const Operand& x, Index vector, Index dim, Index padded, float factor, float* to) {
        switch (x.element) {
            case Element::float32:
                return widen<Element::float32>(x, vector, dim, padded, factor, to);
            case Element::float16:
                return widen<Element::float16>(x, vector, dim, padded, factor, to);
            case Element::bfloat16:
                return widen<Element::bfloat16>(x, vector, dim, padded, factor, to);
            case Element::int8:
                return widen<Element::int8>(x, vector, dim, padded, factor, to);
        }
    }

    /// Slots `[first, first + count)` of one head, widened, `padded` floats a slot.
    static void widen_slots(const Operand& x, Index batch, Index head, Index first, Index count, Index dim,
                            Index padded, float* to) {
        for (Index slot = 0; slot < count; ++slot) {
            widen(x, vector_of(x, batch, first + slot, head), dim, padded, 1.0f, to + slot * padded);
        }
    }

    /// Hides outright what the mask hides: a stale slot may hold NaN.
    static void add_mask(const Attention& a, Index token, Index slot, float& score) {
        const float added = mask_at(a, token, slot);
        score = added == kHidden ? kHidden : score + added * kLog2E;
    }

    static bool is_hidden(const Attention& a, Index token, Index first, Index count) {
        for (Index slot = 0; slot < count; ++slot) {
            if (!(mask_at(a, token, first + slot) == kHidden)) return false;
        }
        return true;
    }

    static float mask_at(const Attention& a, Index token, Index slot) {
        return scalar(a.mask, a.mask_element, token * a.mask_stride + slot);
    }

    static void write(const Attention& a, Index i, float value) {
        switch (a.out_element) {
            case Element::float16:
                static_cast<std::uint16_t*>(a.out)[i] = float_to_half(value);
                return;
            case Element::bfloat16:
                static_cast<std::uint16_t*>(a.out)[i] = float_to_bfloat(value);
                return;
            default:
                static_cast<float*>(a.out)[i] = value;
        }
    }

    // --- prefill -----------------------------------------------------------------------------------------------------
    // Lanes are query rows throughout, so that softmax needs no sums across lanes, and keys and values are used in the
    // order in which the cache holds them: scoresᵀ = keys · queriesᵀ, outᵀ += valuesᵀ · weightsᵀ.

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
    struct Prefill {
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

        Prefill(const Attention& a, Index row_count, float* scratch)
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
    static void softmax(const Prefill& p, Index lane, Index first, Index count, bool causal_edge) {
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
    static void tile(const Attention& a, const RowBlock& block, const Prefill& p, Index lane, Index first,
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
    static void tile_of_width(Index vectors, const Attention& a, const RowBlock& block, const Prefill& p, Index lane,
                              Index first, Index count) {
        if constexpr (N > 1) {
            if (vectors < N) return tile_of_width<N - 1>(vectors, a, block, p, lane, first, count);
        }
        tile<N>(a, block, p, lane, first, count);
    }

    static void read_queries(const Attention& a, const RowBlock& block, const Prefill& p) {
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

    static void write_rows(const Attention& a, const RowBlock& block, const Prefill& p) {
        const Index group = a.group();
        for (Index row = 0; row < block.count; ++row) {
            const Index token = (block.first + row) / group;
            const Index head = block.kv_head * group + (block.first + row) % group;
            const Index base = vector_of(a.query, block.batch, token, head) * a.dim;
            // A row that saw nothing has a sum of 0, and zeros in `out`. NaN sums stay NaN.
            const float share = p.sum[row] == 0 ? 0.0f : 1.0f / p.sum[row];
            for (Index i = 0; i < a.dim; ++i) write(a, base + i, p.out[i * p.rows + row] * share);
        }
    }

    // --- decode ------------------------------------------------------------------------------------------------------
    // Lanes are elements of a head. The query rows of a group share each load of a key or value.

    struct Decode {
        Index padded_dim;
        float* queries;     ///< [query heads][padded_dim]
        float* query_sums;  ///< [query heads]: for int8 keys, whose zero points are taken off afterwards
        float* weights;     ///< [kDecodeRows][kSlots]
        float* keys;        ///< [kSlots][padded_dim] of one head, if `dim` is no whole number of vectors
        float* values;      ///< likewise
        float* out;         ///< [query heads][padded_dim]
        std::size_t size;

        Decode(const Attention& a, float* scratch) : padded_dim(round_up(a.dim, kLanes)) {
            Cutter cutter{scratch};
            queries = cutter.take(a.query_heads * padded_dim);
            query_sums = cutter.take(a.query_heads);
            weights = cutter.take(V::kDecodeRows * kSlots);
            keys = cutter.take(padded_dim == a.dim ? 0 : kSlots * padded_dim);
            values = cutter.take(padded_dim == a.dim ? 0 : kSlots * padded_dim);
            out = cutter.take(a.query_heads * padded_dim);
            size = cutter.used;
        }
    };

    /// The element of the next block of slots, if it may begin a cache line that no other load of this block asks for.
    template <Element E>
    static void prefetch_one(const void* data, Index i) {
        prefetch(data, i * size_of(E), 1);
    }

    /// weights[r][slot] = Σ_i queries[r][i] * keys[slot][i], for R rows. `stride` and the data are in elements of E.
    template <int R, Element E>
    static void scores(const float* queries, Index dim, const void* keys, Index base, Index stride, Index count,
                       float* weights) {
        for (Index slot = 0; slot < count; slot += 4) {
            // The last of fewer than four stands in for the missing ones; `weights` has room for their scores.
            const Index last = count - 1;
            const Index at[4] = {base + slot * stride, base + least(slot + 1, last) * stride,
                                 base + least(slot + 2, last) * stride, base + least(slot + 3, last) * stride};
            Reg sum[R][4];
            WYVERN_UNROLL
            for (int r = 0; r < R; ++r) {
                WYVERN_UNROLL
                for (int j = 0; j < 4; ++j) sum[r][j] = V::zero();
            }
            for (Index i = 0; i < dim; i += kLanes) {
                Reg key[4];
                WYVERN_UNROLL
                for (int j = 0; j < 4; ++j) {
                    key[j] = load<E>(keys, at[j] + i);
                    prefetch_one<E>(keys, at[j] + i + kSlots * stride);
                }
                WYVERN_UNROLL
                for (int r = 0; r < R; ++r) {
                    const Reg query = V::load(queries + r * dim + i);
                    WYVERN_UNROLL
                    for (int j = 0; j < 4; ++j) sum[r][j] = V::fma(query, key[j], sum[r][j]);
                }
            }
            WYVERN_UNROLL
            for (int r = 0; r < R; ++r) {
                V::store_sums(weights + r * kSlots + slot, sum[r][0], sum[r][1], sum[r][2], sum[r][3]);
            }
        }
    }

    /// out[r][i] = out[r][i] * rescale[r] + offset[r] + Σ_slot weights[r][slot] * values[slot][i], N vectors of i.
    template <int R, int N, Element E>
    static void weigh(const float* weights, const void* values, Index base, Index stride, Index count, float* out,
                      Index dim, const float* rescale, const float* offset) {
        Reg sum[R][N];
        WYVERN_UNROLL
        for (int r = 0; r < R; ++r) {
            WYVERN_UNROLL
            for (int j = 0; j < N; ++j) {
                sum[r][j] = V::fma(V::load(out + r * dim + j * kLanes), V::set(rescale[r]), V::set(offset[r]));
            }
        }
        for (Index slot = 0; slot < count; ++slot) {
            Reg weight[R];
            WYVERN_UNROLL
            for (int r = 0; r < R; ++r) weight[r] = V::set(weights[r * kSlots + slot]);
            WYVERN_UNROLL
            for (int j = 0; j < N; ++j) {
                const Reg value = load<E>(values, base + slot * stride + j * kLanes);
                prefetch_one<E>(values, base + (slot + kSlots) * stride + j * kLanes);
                WYVERN_UNROLL
                for (int r = 0; r < R; ++r) sum[r][j] = V::fma(weight[r], value, sum[r][j]);
            }
        }
        WYVERN_UNROLL
        for (int r = 0; r < R; ++r) {
            WYVERN_UNROLL
            for (int j = 0; j < N; ++j) V::store(out + r * dim + j * kLanes, sum[r][j]);
        }
    }

    /// A block of slots of one KV head, as R query rows meet it.
    struct HeadBlock {
        Index kv_head;
        Index first;
        Index count;
        const void* keys;
        Index key_base;
        Index key_stride;
        const void* values;
        Index value_base;
        Index value_stride;
    };

    template <int R, Element E>
    static void score_rows(const Attention& a, const Decode& d, const HeadBlock& block, Index batch, Index row) {
        scores<R, E>(d.queries + row * d.padded_dim, d.padded_dim, block.keys, block.key_base, block.key_stride,
                     block.count, d.weights);
        if constexpr (E == Element::int8) {
            for (Index slot = 0; slot < block.count; ++slot) {
                const Index vector = vector_of(a.key, batch, block.first + slot, block.kv_head);
                const float zero = static_cast<float>(a.key.zero_points[vector]);
                for (int r = 0; r < R; ++r) {
                    float& score = d.weights[r * kSlots + slot];
                    score = (score - zero * d.query_sums[row + r]) * a.key.scales[vector];
                }
            }
        }
    }

    template <int R, Element E>
    static void weigh_rows(const Attention& a, const Decode& d, const HeadBlock& block, Index batch, Index row,
                           const float* rescale) {
        float offset[R] = {};
        if constexpr (E == Element::int8) {
            for (Index slot = 0; slot < block.count; ++slot) {
                const Index vector = vector_of(a.value, batch, block.first + slot, block.kv_head);
                const float zero = static_cast<float>(a.value.zero_points[vector]);
                for (int r = 0; r < R; ++r) {
                    float& weight = d.weights[r * kSlots + slot];
                    weight *= a.value.scales[vector];
                    offset[r] -= weight * zero;
                }
            }
        }
        float* out = d.out + row * d.padded_dim;
        Index i = 0;
        for (; i + 4 * kLanes <= d.padded_dim; i += 4 * kLanes) {
            weigh<R, 4, E>(d.weights, block.values, block.value_base + i, block.value_stride, block.count, out + i,
                           d.padded_dim, rescale, offset);
        }
        for (; i < d.padded_dim; i += kLanes) {
            weigh<R, 1, E>(d.weights, block.values, block.value_base + i, block.value_stride, block.count, out + i,
                           d.padded_dim, rescale, offset);
        }
    }

    /// Scores to weights for one row; what the row's earlier sums are to be multiplied by.
    static float softmax_row(float* weights, Index count, float& greatest, float& sum) {
        const Index whole = count / kLanes * kLanes;
        const float before = greatest;
        Reg many = V::set(before);
        for (Index i = 0; i < whole; i += kLanes) many = V::max(many, V::load(weights + i));
        float most = V::greatest(many);
        for (Index i = whole; i < count; ++i) most = weights[i] > most ? weights[i] : most;
        // The tail is padded with −∞, of which the weight is 0.
        for (Index i = count; i < round_up(count, kLanes); ++i) weights[i] = kHidden;
        Reg total = V::zero();
        for (Index i = 0; i < count; i += kLanes) {
            const Reg weight = V::exp2(V::sub(V::load(weights + i), V::set(most)));
            V::store(weights + i, weight);
            total = V::add(total, weight);
        }
        float rescale[kLanes];
        V::store(rescale, V::exp2(V::set(before - most)));
        greatest = most;
        sum = sum * rescale[0] + V::sum(total);
        return rescale[0];
    }

    template <int R, Element E>
    static void rows(const Attention& a, const Decode& d, const HeadBlock& block, Index batch, Index row,
                     const Partial& partial) {
        score_rows<R, E>(a, d, block, batch, row);
        float rescale[R];
        for (int r = 0; r < R; ++r) {
            float* weights = d.weights + r * kSlots;
            if (a.mask != nullptr) {
                for (Index slot = 0; slot < block.count; ++slot) {
                    add_mask(a, 0, block.first + slot, weights[slot]);
                }
            }
            rescale[r] = softmax_row(weights, block.count, partial.greatest[row + r], partial.sum[row + r]);
        }
        weigh_rows<R, E>(a, d, block, batch, row, rescale);
    }

    template <int R, Element E>
    static void group_rows(Index left, const Attention& a, const Decode& d, const HeadBlock& block, Index batch,
                           Index row, const Partial& partial) {
        if constexpr (R > 1) {
            if (left < R) return group_rows<R - 1, E>(left, a, d, block, batch, row, partial);
        }
        rows<R, E>(a, d, block, batch, row, partial);
    }

    /// The block as the cache holds it, of element E; or, `kWidened`, as float32 in the working buffers.
    template <Element E, bool kWidened>
    static HeadBlock head_block(const Attention& a, const Decode& d, Index batch, Index kv_head, Index first,
                                Index count) {
        if constexpr (kWidened) {
            widen_slots(a.key, batch, kv_head, first, count, a.dim, d.padded_dim, d.keys);
            widen_slots(a.value, batch, kv_head, first, count, a.dim, d.padded_dim, d.values);
            return {kv_head, first, count, d.keys, 0, d.padded_dim, d.values, 0, d.padded_dim};
        }
        return {kv_head,
                first,
                count,
                a.key.data,
                vector_of(a.key, batch, first, kv_head) * a.dim,
                a.key.token_stride * a.dim,
                a.value.data,
                vector_of(a.value, batch, first, kv_head) * a.dim,
                a.value.token_stride * a.dim};
    }

    template <Element E, bool kWidened>
    static void decode_range(const Attention& a, const SlotRange& range, const Partial& partial, const Decode& d) {
        const Index group = a.group();
        // As few passes over a block as possible, of even numbers of rows.
        const Index passes = (group + V::kDecodeRows - 1) / V::kDecodeRows;
        const Index step = (group + passes - 1) / passes;
        for (Index first = range.first; first < range.last; first += kSlots) {
            const Index count = least(kSlots, range.last - first);
            if (a.mask != nullptr && is_hidden(a, 0, first, count)) continue;
            for (Index kv_head = 0; kv_head < a.kv_heads; ++kv_head) {
                const HeadBlock block = head_block<E, kWidened>(a, d, range.batch, kv_head, first, count);
                for (Index row = 0; row < group; row += step) {
                    group_rows<V::kDecodeRows, E>(least(step, group - row), a, d, block, range.batch,
                                                  kv_head * group + row, partial);
                }
            }
        }
    }

 public:
    static std::size_t prefill_scratch(const Attention& a, Index rows) { return Prefill(a, rows, nullptr).size; }

    static void prefill(const Attention& a, const RowBlock& block, float* scratch) {
        const Prefill p(a, block.count, scratch);
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

    static std::size_t decode_scratch(const Attention& a) { return Decode(a, nullptr).size; }

    static void decode(const Attention& a, const SlotRange& range, const Partial& partial, float* scratch) {
        const Decode d(a, scratch);
        for (Index head = 0; head < a.query_heads; ++head) {
            float* query = d.queries + head * d.padded_dim;
            widen(a.query, vector_of(a.query, range.batch, 0, head), a.dim, d.padded_dim, a.scale * kLog2E, query);
            Reg sum = V::zero();
            for (Index i = 0; i < d.padded_dim; i += kLanes) sum = V::add(sum, V::load(query + i));
            d.query_sums[head] = V::sum(sum);
            partial.greatest[head] = kNoScore;
            partial.sum[head] = 0;
        }
        for (Index i = 0; i < a.query_heads * d.padded_dim; ++i) d.out[i] = 0;

        if (d.padded_dim != a.dim) {
            decode_range<Element::float32, true>(a, range, partial, d);
        } else if (a.key.element == Element::float32) {
            decode_range<Element::float32, false>(a, range, partial, d);
        } else if (a.key.element == Element::float16) {
            decode_range<Element::float16, false>(a, range, partial, d);
        } else if (a.key.element == Element::bfloat16) {
            decode_range<Element::bfloat16, false>(a, range, partial, d);
        } else {
            decode_range<Element::int8, false>(a, range, partial, d);
        }
        for (Index head = 0; head < a.query_heads; ++head) {
            for (Index i = 0; i < a.dim; ++i) {
                partial.values[head * a.dim + i] = d.out[head * d.padded_dim + i];
            }
        }
    }
};

/// The table of `AttentionKernels` for vectors `V`.
template <class V>
constexpr AttentionKernels kernels_of(const char* name) {
    using Body = AttentionBody<V>;
    return {name,          V::kLanes * V::kTileVectors, Body::prefill_scratch,
            Body::prefill, Body::decode_scratch,        Body::decode};
}

}  // namespace wyvern::kernels
