#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// vector type, so that no two of those files define the same function. What it uses of others is included before that.

#include <limits>

#include "attention_kernels.h"

namespace wyvern::kernels {

/// What prefill and decode share: reading operands and masks into vectors `V` (see `vector_avx512.h` for what that is).
///
/// Scores are kept in units of log2: queries are scaled by scale · log2(e) when they are read, masks when they are
/// added.
template <class V>
struct AttentionBase {
    using Reg = typename V::Reg;
    using Index = std::int64_t;

    static constexpr int kLanes = V::kLanes;
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
        return read_element(a.mask, a.mask_element, token * a.mask_stride + slot);
    }
};

}  // namespace wyvern::kernels
