#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// vector type, so that no two of those files define the same function. What it uses of others is included before that.

#include "attention_base.h"
#include "vector_target.h"

namespace wyvern::kernels {

/// A unit of decode: one token's query rows of all heads against a range of slots, `kSlots` at a time.
///
/// Lanes are elements of a head. The query rows of a group share each load of a key or value.
template <class V>
class AttentionDecode : AttentionBase<V> {
    using Base = AttentionBase<V>;
    using Base::add_mask;
    using Base::is_hidden;
    using Base::kHidden;
    using Base::kLanes;
    using Base::kLog2E;
    using Base::kSlots;
    using Base::least;
    using Base::prefetch;
    using Base::round_up;
    using Base::size_of;
    using Base::vector_of;
    using Base::widen;
    using Base::widen_slots;
    using typename Base::Cutter;
    using typename Base::Index;
    using typename Base::Reg;

    struct Buffers {
        Index padded_dim;
        float* queries;     ///< [query heads][padded_dim]
        float* query_sums;  ///< [query heads]: for int8 keys, whose zero points are taken off afterwards
        float* weights;     ///< [kDecodeRows][kSlots]
        float* keys;        ///< [kSlots][padded_dim] of one head, if `dim` is no whole number of vectors
        float* values;      ///< likewise
        float* out;         ///< [query heads][padded_dim]
        std::size_t size;

        Buffers(const Attention& a, float* scratch) : padded_dim(round_up(a.dim, kLanes)) {
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

    /// Asks for the line of one element: one for each vector that is read, a block ahead of it.
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
                    key[j] = Base::template load<E>(keys, at[j] + i);
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
                const Reg value = Base::template load<E>(values, base + slot * stride + j * kLanes);
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
    static void score_rows(const Attention& a, const Buffers& d, const HeadBlock& block, Index batch, Index row) {
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
    static void weigh_rows(const Attention& a, const Buffers& d, const HeadBlock& block, Index batch, Index row,
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
    static void rows(const Attention& a, const Buffers& d, const HeadBlock& block, Index batch, Index row,
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
    static void group_rows(Index left, const Attention& a, const Buffers& d, const HeadBlock& block, Index batch,
                           Index row, const Partial& partial) {
        if constexpr (R > 1) {
            if (left < R) return group_rows<R - 1, E>(left, a, d, block, batch, row, partial);
        }
        rows<R, E>(a, d, block, batch, row, partial);
    }

    /// The block as the cache holds it, of element E; or, `kWidened`, as float32 in the working buffers.
    template <Element E, bool kWidened>
    static HeadBlock head_block(const Attention& a, const Buffers& d, Index batch, Index kv_head, Index first,
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
    static void decode_range(const Attention& a, const SlotRange& range, const Partial& partial, const Buffers& d) {
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
    static std::size_t scratch_size(const Attention& a) { return Buffers(a, nullptr).size; }

    static void run(const Attention& a, const SlotRange& range, const Partial& partial, float* scratch) {
        const Buffers d(a, scratch);
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

}  // namespace wyvern::kernels
