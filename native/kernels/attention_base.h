#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// vector type, so that no two of those files define the same function. Those files include the other headers before it.

#include <limits>

#include "attention_kernels.h"

namespace wyvern::kernels {

/// Code that prefill and decode share: it reads operands and masks into vectors `V` (`vector_avx512.h` is an example of
/// one).
///
/// Scores are in units of log2: the code multiplies queries by scale · log2(e) when it reads them, and masks by log2(e)
/// when it adds them.
template <class V>
struct AttentionBase {
    using Reg = typename V::Reg;
    using Index = std::int64_t;

    static constexpr int kLanes = V::kLanes;
    /// Slots that one pass works on: their keys and values stay in the first two cache levels.
    static constexpr Index kSlots = 64;
    static constexpr float kLog2E = 1.44269504f;

    static constexpr float kHidden = -std::numeric_limits<float>::infinity();

    static Index round_up(Index n, Index unit) { return (n + unit - 1) / unit * unit; }
    static Index least(Index a, Index b) { return a < b ? a : b; }

    /// Cuts working buffers out of one block of scratch. Without a block it only measures.
    struct Cutter {
        float* scratch;
        std::size_t used = 0;

        float* take(Index count) {
            float* start = scratch == nullptr ? nullptr : scratch + used;
            used += static_cast<std::size_t>(round_up(count, 16));
            return start;
        }
    };

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

    static constexpr Index size_of(Element element) {
        return element == Element::float32 ? 4 : element == Element::int8 ? 1 : 2;
    }

    /// Prefetches `bytes` from `data + offset` on. The address may be invalid, because a prefetch never faults. The
    /// rows of one head are so far apart in the cache that the processor does not predict them.
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

    /// Reads one vector of `dim` elements as real numbers times `factor`, with zeros up to `padded`.
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
        for (; i < dim; ++i) to[i] = read_element(x.data, E, base + i) * factor + offset;
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

    /// Widens slots `[first, first + count)` of one head to `padded` floats a slot.
    static void widen_slots(const Operand& x, Index batch, Index head, Index first, Index count, Index dim,
                            Index padded, float* to) {
        for (Index slot = 0; slot < count; ++slot) {
            widen(x, vector_of(x, batch, first + slot, head), dim, padded, 1.0f, to + slot * padded);
        }
    }

    /// Replaces the scores of masked slots instead of adding to them: a stale slot may hold NaN.
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
        return read_element(a.mask, a.mask_element, token * a.mask_stride + slot);
    }
};

}  // namespace wyvern::kernels
