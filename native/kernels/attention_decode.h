#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// vector type, so that no two of those files define the same function. Those files include the other headers before it.

#include "attention_base.h"
#include "vector_target.h"
#include "virtual_lanes.h"

namespace wyvern::kernels {

/// A unit of decode: one token's query rows of all heads against a range of slots, `kSlots` at a time.
///
/// Lanes are elements of a head. All query rows of a group use each loaded key or value.
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
    using Virtual = VirtualLanes<V>;

    static constexpr int kVectors = Virtual::kVectors;
    /// Slots whose scores are computed together: their sums fill the registers.
    static constexpr int kTogether = kVectors < 4 ? 4 / kVectors : 1;

    struct Buffers {
        Index padded_dim;
        float* queries;     ///< [query heads][padded_dim]
        float* query_sums;  ///< [query heads]: for int8 keys, whose zero points are subtracted afterwards
        float* weights;     ///< [kDecodeRows][kSlots]
        float* eights;      ///< [kDecodeRows][kSlots][8]: scores as eight partial sums each
        float* keys;        ///< [kSlots][padded_dim] of one head, if `dim` is not a whole number of vectors
        float* values;      ///< likewise
        std::size_t size;

        Buffers(const Attention& a, float* scratch) : padded_dim(round_up(a.dim, Virtual::kCount)) {
            Cutter cutter{scratch};
            queries = cutter.take(a.query_heads * padded_dim);
            query_sums = cutter.take(a.query_heads);
            weights = cutter.take(V::kDecodeRows * kSlots);
            eights = cutter.take(V::kDecodeRows * kSlots * 8);
            keys = cutter.take(padded_dim == a.dim ? 0 : kSlots * padded_dim);
            values = cutter.take(padded_dim == a.dim ? 0 : kSlots * padded_dim);
            size = cutter.used;
        }
    };

    /// A block of slots of one KV head, for R query rows.
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

    /// Prefetches the cache line of one element, a block ahead: one line for each vector that is read.
    template <Element E>
    static void prefetch_one(const void* data, Index i) {
        prefetch(data, i * size_of(E), 1);
    }

    /// weights[r][slot] = Σ_i queries[r][i] * keys[slot][i], for R rows. `stride` and the data are in elements of E.
    template <int R, Element E>
    static void scores(const Buffers& d, const float* queries, const HeadBlock& block) {
        for (Index slot = 0; slot < block.count; slot += kTogether) {
            // The last slot replaces missing slots; the buffer has room for their scores.
            Index at[kTogether];
            for (int j = 0; j < kTogether; ++j) {
                at[j] = block.key_base + least(slot + j, block.count - 1) * block.key_stride;
            }
            Reg sum[R][kTogether][kVectors];
            WYVERN_UNROLL
            for (int r = 0; r < R; ++r) {
                WYVERN_UNROLL
                for (int j = 0; j < kTogether; ++j) {
                    WYVERN_UNROLL
                    for (int v = 0; v < kVectors; ++v) sum[r][j][v] = V::zero();
                }
            }
            for (Index i = 0; i < d.padded_dim; i += Virtual::kCount) {
                WYVERN_UNROLL
                for (int v = 0; v < kVectors; ++v) {
                    Reg key[kTogether];
                    WYVERN_UNROLL
                    for (int j = 0; j < kTogether; ++j) {
                        key[j] = Base::template load<E>(block.keys, at[j] + i + v * kLanes);
                        prefetch_one<E>(block.keys, at[j] + i + v * kLanes + kSlots * block.key_stride);
                    }
                    WYVERN_UNROLL
                    for (int r = 0; r < R; ++r) {
                        const Reg query = V::load(queries + r * d.padded_dim + i + v * kLanes);
                        WYVERN_UNROLL
                        for (int j = 0; j < kTogether; ++j) sum[r][j][v] = V::fma(query, key[j], sum[r][j][v]);
                    }
                }
            }
            WYVERN_UNROLL
            for (int r = 0; r < R; ++r) {
                WYVERN_UNROLL
                for (int j = 0; j < kTogether; ++j) {
                    if (slot + j < kSlots) V::store_eight(d.eights + (r * kSlots + slot + j) * 8, sum[r][j]);
                }
            }
        }
        for (int r = 0; r < R; ++r) {
            for (Index slot = 0; slot < block.count; slot += 4) {
                V::store_sums(d.weights + r * kSlots + slot, d.eights + (r * kSlots + slot) * 8);
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
                sum[r][j] = V::mul(V::load(out + r * dim + j * kLanes), V::set(rescale[r]));
                if constexpr (E == Element::int8) sum[r][j] = V::add(sum[r][j], V::set(offset[r]));
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

    template <int R, Element E>
    static void score_rows(const Attention& a, const Buffers& d, const HeadBlock& block, Index batch, Index row) {
        scores<R, E>(d, d.queries + row * d.padded_dim, block);
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
                           const float* rescale, float* values) {
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
        float* out = values + row * d.padded_dim;
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

    /// Turns the scores of one row into weights. Returns the factor for the row's earlier sums.
    static float softmax_row(float* weights, Index count, float& greatest, float& sum) {
        const Index whole = count / kLanes * kLanes;
        const float before = greatest;
        Reg many = V::set(before);
        for (Index i = 0; i < whole; i += kLanes) many = V::max(many, V::load(weights + i));
        float most = V::greatest(many);
        for (Index i = whole; i < count; ++i) most = weights[i] > most ? weights[i] : most;
        // The padding of the tail is −∞, which has the weight 0.
        for (Index i = count; i < round_up(count, Virtual::kCount); ++i) weights[i] = kHidden;
        Reg total[kVectors];
        WYVERN_UNROLL
        for (int v = 0; v < kVectors; ++v) total[v] = V::zero();
        for (Index i = 0; i < count; i += Virtual::kCount) {
            WYVERN_UNROLL
            for (int v = 0; v < kVectors; ++v) {
                float* at = weights + i + v * kLanes;
                const Reg weight = V::exp2(V::sub(V::load(at), V::set(most)));
                V::store(at, weight);
                total[v] = V::add(total[v], weight);
            }
        }
        const float rescale = first_of(V::exp2(V::set(before - most)));
        greatest = most;
        sum = first_of(V::fma(V::set(sum), V::set(rescale), V::set(Virtual::sum(total))));
        return rescale;
    }

    static float first_of(Reg x) {
        float lanes[kLanes];
        V::store(lanes, x);
        return lanes[0];
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
        weigh_rows<R, E>(a, d, block, batch, row, rescale, partial.values);
    }

    template <int R, Element E>
    static void group_rows(Index left, const Attention& a, const Buffers& d, const HeadBlock& block, Index batch,
                           Index row, const Partial& partial) {
        if constexpr (R > 1) {
            if (left < R) return group_rows<R - 1, E>(left, a, d, block, batch, row, partial);
        }
        rows<R, E>(a, d, block, batch, row, partial);
    }

    /// The block: elements E in the cache or, if `kWidened`, float32 in the working buffers.
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
        // Makes as few passes over a block as possible, with even numbers of rows.
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
            float sum = 0;
            for (Index i = 0; i < d.padded_dim; ++i) sum += query[i];
            d.query_sums[head] = sum;
            partial.greatest[head] = kNoScore;
            partial.sum[head] = 0;
        }
        for (Index i = 0; i < a.query_heads * d.padded_dim; ++i) partial.values[i] = 0;

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
    }

    static void join(const Attention& a, Index batch, const Partial* partials, Index count) {
        const Index padded_dim = round_up(a.dim, Virtual::kCount);
        for (Index head = 0; head < a.query_heads; ++head) {
            float* values = partials[0].values + head * padded_dim;
            float greatest = partials[0].greatest[head];
            Reg sum = V::set(partials[0].sum[head]);
            for (Index part = 1; part < count; ++part) {
                const float* more = partials[part].values + head * padded_dim;
                const float other = partials[part].greatest[head];
                const float most = greatest > other ? greatest : other;
                const Reg before = V::exp2(V::set(greatest - most));
                const Reg now = V::exp2(V::set(other - most));
                greatest = most;
                sum = V::fma(sum, before, V::mul(V::set(partials[part].sum[head]), now));
                for (Index i = 0; i < padded_dim; i += kLanes) {
                    V::store(values + i, V::fma(V::load(values + i), before, V::mul(V::load(more + i), now)));
                }
            }
            const float total = first_of(sum);
            // A row that saw no slot has the sum 0 and zeros in `values`. NaN sums stay NaN.
            const float share = total == 0 ? 0.0f : 1.0f / total;
            const Index base = vector_of(a.query, batch, 0, head) * a.dim;
            for (Index i = 0; i < a.dim; ++i) write_element(a.out, a.out_element, base + i, values[i] * share);
        }
    }
};

}  // namespace wyvern::kernels
