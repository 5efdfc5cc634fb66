#pragma once

#include "../vector_target.h"
#include "blocks.h"
#include "linear_kernels.h"
#include "output_rows.h"

namespace wyvern::kernels {

/// The inner loops for lanes `L` (lanes_portable.h defines them) and blocks `B`. Lanes are output rows.
///
/// For each scale's inputs, in order: `sum = fma(float(Σ integer · input), weight scale · input scale, sum)`, then
/// `sum = fma(minimum, input scale · Σ input, sum)`. Both loops compute exactly this.
template <class L, class B>
class RoundedLoops {
    using Bits = typename L::Bits;
    using Floats = typename L::Floats;
    using Index = std::int64_t;

    static constexpr int kLanes = L::kLanes;
    static constexpr int kParts = static_cast<int>(kGroupRows) / kLanes;
    /// Words of four inputs that share a scale.
    static constexpr int kQuads = 8 / B::kScales;
    using Unit = Widened<L, B::kScales>;
    static constexpr Index kUnitsOfBlock = B::kShape.inputs / kUnit;
    static constexpr Index kBlockBytes = B::kShape.bytes * kGroupRows;

    static Index least(Index a, Index b) { return a < b ? a : b; }

    static const std::uint8_t* group_data(const LinearOutput& output, Index group, Index units) {
        return output.weight.data + group * (units / kUnitsOfBlock) * kBlockBytes;
    }

    /// Prefetches the weights that follow unit `unit` of a block after `kAhead` bytes. A unit's bits lie in several
    /// places of its block, and the processor's own prefetching follows one place at a time.
    static void prefetch(const std::uint8_t* block, int unit) {
        constexpr std::uintptr_t kAhead = 4096;
        constexpr std::uintptr_t kBytes = kBlockBytes / kUnitsOfBlock;
        const std::uintptr_t first =
            reinterpret_cast<std::uintptr_t>(block) + kAhead + kBytes * static_cast<std::uintptr_t>(unit);
        WYVERN_UNROLL
        for (std::uintptr_t i = 0; i < kBytes; i += 64) L::prefetch(first + i);
    }

    /// The sum of the inputs of scale `part`.
    static std::int32_t sum(const HalfSums& sums, int part) {
        if constexpr (B::kScales == 1) return sums.first + sums.last;
        return part == 0 ? sums.first : sums.last;
    }

    template <int T, bool kMany>
    static void dot(const std::int8_t* values, const HalfSums* sums, const Bits* quads, int part, Bits (&products)[T]) {
        std::int32_t of_part[T];
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) of_part[t] = sum(sums[t], part);
        L::template dot<B::kWeights, B::kOffset, kQuads, T, kMany>(quads, values + 4 * kQuads * part, of_part,
                                                                   products);
    }

    /// products[t] = Σ (integer − offset) · input over scale `part` of `T` tokens, whose entries begin at `at`.
    template <int T, bool kMany>
    static void dot(const InputRows& x, Index at, const Unit& w, int part, Bits (&products)[T]) {
        const Bits* quads = w.quads + kQuads * part;
        dot<T, kMany>(x.values + at * kUnit, x.sums + at, quads, part, products);
        if (x.fine_values == nullptr) return;
        Bits rest[T];
        dot<T, kMany>(x.fine_values + at * kUnit, x.fine_sums + at, quads, part, rest);
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) products[t] = L::sum(L::template shift_left<7>(products[t]), rest[t]);
    }

    /// The sum of the rounded inputs of scale `part`, as a real number.
    static float scaled_sum(const InputRows& x, Index at, int part) {
        if constexpr (B::kScales == 1) return x.scaled_sums[at];
        const std::int32_t whole = sum(x.sums[at], part);
        const std::int32_t integer = x.fine_values == nullptr ? whole : 128 * whole + sum(x.fine_sums[at], part);
        return x.scales[at] * static_cast<float>(integer);
    }

    /// Adds one unit of `T` tokens, whose entries begin at `at`.
    template <int T, bool kMany>
    static void add_unit(const InputRows& x, Index at, const Unit& w, Floats (&total)[T]) {
        WYVERN_UNROLL
        for (int part = 0; part < B::kScales; ++part) {
            Bits products[T];
            dot<T, kMany>(x, at, w, part, products);
            WYVERN_UNROLL
            for (int t = 0; t < T; ++t) {
                const Floats scale = L::mul(w.scales[part], L::set(x.scales[at + t]));
                total[t] = L::fma(L::to_floats(products[t]), scale, total[t]);
                if constexpr (B::kMinimum) {
                    total[t] = L::fma(w.minima[part], L::set(scaled_sum(x, at + t, part)), total[t]);
                }
            }
        }
    }

    /// Multiplies `T` tokens of a tile, from `first` on, by one panel of widened weights.
    template <int T>
    static void tile(const InputRows& x, const LinearOutput& output, Index tile_index, Index first, Index row,
                     Index begin, Index end, const Unit* panel) {
        const Index token = tile_index * x.tile + first;
        Floats total[T];
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) {
            // The output holds the sums of earlier panels.
            const bool is_continued = begin > 0 && token + t < x.rows;
            total[t] = is_continued ? OutputRows<L>::load(output, token + t, row) : L::set(0);
        }
        for (Index unit = begin; unit < end; ++unit) {
            const Index at = (tile_index * x.units + unit) * x.tile + first;
            add_unit<T, true>(x, at, panel[unit - begin], total);
        }
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) {
            if (token + t < x.rows) OutputRows<L>::store(total[t], output, token + t, row, end == x.units);
        }
    }

    /// Takes the tokens of a tile from `first` to `count`, `T` at a time, and then the rest. Rows beyond the count are
    /// zeros.
    template <int T>
    static void tokens(const InputRows& x, const LinearOutput& output, Index tile_index, Index first, Index count,
                       Index row, Index begin, Index end, const Unit* panel) {
        // If more than half a width remains and the tile has the rows, a whole width is faster.
        while (first < count && 2 * (count - first) > T && first + T <= x.tile) {
            tile<T>(x, output, tile_index, first, row, begin, end, panel);
            first += T;
        }
        if constexpr (T > 1) {
            if (first < count) tokens<T / 2>(x, output, tile_index, first, count, row, begin, end, panel);
        }
    }

 public:
    static void one(const InputRows& x, const LinearOutput& output, Index first, Index last) {
        for (Index group = first; group < last; ++group) {
            const std::uint8_t* block = group_data(output, group, x.units);
            Floats total[kParts][1];
            WYVERN_UNROLL
            for (int part = 0; part < kParts; ++part) total[part][0] = L::set(0);
            for (Index first_unit = 0; first_unit < x.units; first_unit += kUnitsOfBlock, block += kBlockBytes) {
                for (int i = 0; i < static_cast<int>(kUnitsOfBlock); ++i) {
                    prefetch(block, i);
                    WYVERN_UNROLL
                    for (int part = 0; part < kParts; ++part) {
                        Unit w;
                        B::template widen<L>(block, i, part * kLanes, w);
                        L::template arrange<B::kWeights, false>(w.quads);
                        add_unit<1, false>(x, first_unit + i, w, total[part]);
                    }
                }
            }
            WYVERN_UNROLL
            for (int part = 0; part < kParts; ++part) {
                OutputRows<L>::store(total[part][0], output, 0, group * kGroupRows + part * kLanes, true);
            }
        }
    }

    static void many(const InputRows& x, const LinearOutput& output, Index first, Index last, void* scratch) {
        for (; first < last; ++first) many_of_group(x, output, first, scratch);
    }

 private:
    static void many_of_group(const InputRows& x, const LinearOutput& output, Index group, void* scratch) {
        auto* panel = static_cast<Unit*>(scratch);
        const std::uint8_t* data = group_data(output, group, x.units);
        const Index tiles = (x.rows + x.tile - 1) / x.tile;
        for (int lane = 0; lane < kGroupRows; lane += kLanes) {
            const Index row = group * kGroupRows + lane;
            if (row >= output.weight.rows) return;
            for (Index begin = 0; begin < x.units; begin += kPanelUnits) {
                const Index end = least(begin + kPanelUnits, x.units);
                for (Index unit = begin; unit < end; ++unit) {
                    Unit& w = panel[unit - begin];
                    const std::uint8_t* block = data + unit / kUnitsOfBlock * kBlockBytes;
                    const int place = static_cast<int>(unit % kUnitsOfBlock);
                    if (lane == 0) prefetch(block, place);
                    B::template widen<L>(block, place, lane, w);
                    L::template arrange<B::kWeights, true>(w.quads);
                }
                for (Index i = 0; i < tiles; ++i) {
                    const Index count = least(x.tile, x.rows - i * x.tile);
                    tokens<L::kTokens>(x, output, i, 0, count, row, begin, end, panel);
                }
            }
        }
    }
};

}  // namespace wyvern::kernels
