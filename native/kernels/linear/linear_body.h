#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// lanes, so that no two of those files define the same function. Those files include the other headers before it.

#include "../vector_target.h"
#include "block_k.h"
#include "block_q4_0.h"
#include "block_q4_1.h"
#include "block_q5_0.h"
#include "block_q5_1.h"
#include "block_q8_0.h"
#include "linear_kernels.h"

namespace wyvern::kernels {

/// The inner loops for lanes `L` (lanes_portable.h defines them) and blocks `B`. Lanes are output rows.
///
/// For each unit of inputs, in order: `sum = fma(float(Σ integer · input), weight scale · input scale, sum)`, then
/// `sum = fma(minimum, input scale · Σ input, sum)`. Both loops compute exactly this.
template <class L, class B>
class LinearLoops {
    using Bits = typename L::Bits;
    using Floats = typename L::Floats;
    using Index = std::int64_t;

    static constexpr int kLanes = L::kLanes;
    static constexpr int kParts = static_cast<int>(kGroupRows) / kLanes;
    static constexpr Index kUnitsOfBlock = B::kShape.inputs / kUnit;
    static constexpr Index kBlockBytes = B::kShape.bytes * kGroupRows;

    static Index least(Index a, Index b) { return a < b ? a : b; }

    static const std::uint8_t* group_data(const LinearOutput& output, Index group, Index units) {
        return output.weight.data + group * (units / kUnitsOfBlock) * kBlockBytes;
    }

    /// products[t] = Σ (integer − offset) · input of `T` tokens, whose entries begin at `at`.
    template <int T, bool kMany>
    static void dot(const RoundedRows& x, Index at, const Bits* quads, Bits (&products)[T]) {
        L::template dot<B::kWeights, B::kOffset, T, kMany>(quads, x.values + at * kUnit, x.sums + at, products);
        if (x.fine_values == nullptr) return;
        Bits rest[T];
        L::template dot<B::kWeights, B::kOffset, T, kMany>(quads, x.fine_values + at * kUnit, x.fine_sums + at, rest);
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) products[t] = L::sum(L::template shift_left<7>(products[t]), rest[t]);
    }

    static Floats add_unit(Floats total, Bits products, const Widened<L>& w, const RoundedRows& x, Index at) {
        total = L::fma(L::to_floats(products), L::mul(w.scale, L::set(x.scales[at])), total);
        if constexpr (B::kMinimum) total = L::fma(w.minimum, L::set(x.scaled_sums[at]), total);
        return total;
    }

    /// Writes `kLanes` outputs of one token. In the last group, writes only those below `rows`.
    static void store(Floats total, const LinearOutput& output, Index token, Index row) {
        const Index rows = output.weight.rows;
        float* out = output.out + token * rows + row;
        const float* added = output.added == nullptr ? nullptr : output.added + token * rows + row;
        if (row + kLanes <= rows) {
            L::store(out, added == nullptr ? total : L::add(total, L::load_floats(added)));
            return;
        }
        float lanes[kLanes];
        L::store(lanes, total);
        for (Index i = 0; row + i < rows; ++i) out[i] = added == nullptr ? lanes[i] : lanes[i] + added[i];
    }

    /// Multiplies `T` tokens of a tile, from `first` on, by one panel of widened weights.
    template <int T>
    static void tile(const RoundedRows& x, const LinearOutput& output, Index tile_index, Index first, Index row,
                     Index begin, Index end, const Widened<L>* panel, bool last) {
        const Index token = tile_index * x.tile + first;
        const Index rows = output.weight.rows;
        Floats total[T];
        float partial[kLanes];
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) {
            total[t] = L::set(0);
            if (begin == 0 || token + t >= x.rows) continue;
            // The output holds the sums so far.
            float* out = output.out + (token + t) * rows + row;
            if (row + kLanes <= rows) {
                total[t] = L::load_floats(out);
            } else {
                for (Index i = 0; i < kLanes; ++i) partial[i] = row + i < rows ? out[i] : 0;
                total[t] = L::load_floats(partial);
            }
        }
        for (Index unit = begin; unit < end; ++unit) {
            const Index at = (tile_index * x.units + unit) * x.tile + first;
            const Widened<L>& w = panel[unit - begin];
            Bits products[T];
            dot<T, true>(x, at, w.quads, products);
            WYVERN_UNROLL
            for (int t = 0; t < T; ++t) total[t] = add_unit(total[t], products[t], w, x, at + t);
        }
        LinearOutput to = output;
        if (!last) to.added = nullptr;
        WYVERN_UNROLL
        for (int t = 0; t < T; ++t) {
            if (token + t < x.rows) store(total[t], to, token + t, row);
        }
    }

    /// Takes the tokens of a tile from `first` to `count`, `T` at a time, and then the rest. Rows beyond the count are
    /// zeros.
    template <int T>
    static void tokens(const RoundedRows& x, const LinearOutput& output, Index tile_index, Index first, Index count,
                       Index row, Index begin, Index end, const Widened<L>* panel, bool last) {
        // If more than half a width remains and the tile has the rows, a whole width is faster.
        while (first < count && 2 * (count - first) > T && first + T <= x.tile) {
            tile<T>(x, output, tile_index, first, row, begin, end, panel, last);
            first += T;
        }
        if constexpr (T > 1) {
            if (first < count) tokens<T / 2>(x, output, tile_index, first, count, row, begin, end, panel, last);
        }
    }

 public:
    static void one(const RoundedRows& x, const LinearOutput& output, Index first, Index last) {
        for (Index group = first; group < last; ++group) {
            const std::uint8_t* block = group_data(output, group, x.units);
            Floats total[kParts];
            WYVERN_UNROLL
            for (int part = 0; part < kParts; ++part) total[part] = L::set(0);
            for (Index first_unit = 0; first_unit < x.units; first_unit += kUnitsOfBlock, block += kBlockBytes) {
                for (int i = 0; i < static_cast<int>(kUnitsOfBlock); ++i) {
                    WYVERN_UNROLL
                    for (int part = 0; part < kParts; ++part) {
                        Widened<L> w;
                        B::template widen<L>(block, i, part * kLanes, w);
                        L::template arrange<B::kWeights, false>(w.quads);
                        Bits products[1];
                        dot<1, false>(x, first_unit + i, w.quads, products);
                        total[part] = add_unit(total[part], products[0], w, x, first_unit + i);
                    }
                }
            }
            WYVERN_UNROLL
            for (int part = 0; part < kParts; ++part) {
                store(total[part], output, 0, group * kGroupRows + part * kLanes);
            }
        }
    }

    static void many(const RoundedRows& x, const LinearOutput& output, Index group, void* scratch) {
        auto* panel = static_cast<Widened<L>*>(scratch);
        const std::uint8_t* data = group_data(output, group, x.units);
        const Index tiles = (x.rows + x.tile - 1) / x.tile;
        for (int lane = 0; lane < kGroupRows; lane += kLanes) {
            const Index row = group * kGroupRows + lane;
            if (row >= output.weight.rows) return;
            for (Index begin = 0; begin < x.units; begin += kPanelUnits) {
                const Index end = least(begin + kPanelUnits, x.units);
                for (Index unit = begin; unit < end; ++unit) {
                    Widened<L>& w = panel[unit - begin];
                    B::template widen<L>(data + unit / kUnitsOfBlock * kBlockBytes,
                                         static_cast<int>(unit % kUnitsOfBlock), lane, w);
                    L::template arrange<B::kWeights, true>(w.quads);
                }
                for (Index i = 0; i < tiles; ++i) {
                    const Index count = least(x.tile, x.rows - i * x.tile);
                    tokens<L::kTokens>(x, output, i, 0, count, row, begin, end, panel, end == x.units);
                }
            }
        }
    }
};

/// Rounds units of inputs for lanes `L`.
template <class L>
struct RoundLoops {
    static void run(const float* input, std::int64_t first, std::int64_t last, const RoundedRows& x) {
        for (std::int64_t row = first; row < last; ++row) {
            const float* from = input + row * x.units * kUnit;
            const std::int64_t tile = row / x.tile * x.units * x.tile + row % x.tile;
            for (std::int64_t unit = 0; unit < x.units; ++unit, from += kUnit)
                round_unit(from, x, tile + unit * x.tile);
        }
    }

 private:
    static void round_unit(const float* from, const RoundedRows& x, std::int64_t at) {
        constexpr float kSmallest = 1e-30f;
        std::int8_t* to = x.values + at * kUnit;
        std::int8_t* fine = x.fine_values == nullptr ? nullptr : x.fine_values + at * kUnit;
        const float greatest = L::greatest_magnitude(from);
        // `greatest` compares bits, so an infinity or NaN wins.
        const bool finite = greatest - greatest == 0;
        std::int32_t sums[2] = {0, 0};
        if (finite && greatest >= kSmallest) {
            const float steps = fine == nullptr ? 127.0f : 127.0f * 128.0f;
            x.scales[at] = greatest / steps;
            L::round(from, steps / greatest, to, fine, sums);
        } else {
            x.scales[at] = finite ? 0 : greatest - greatest;
            for (int i = 0; i < kUnit; ++i) to[i] = 0;
            for (int i = 0; fine != nullptr && i < kUnit; ++i) fine[i] = 0;
        }
        x.sums[at] = sums[0];
        if (fine != nullptr) x.fine_sums[at] = sums[1];
        x.scaled_sums[at] = x.scales[at] * static_cast<float>(fine == nullptr ? sums[0] : 128 * sums[0] + sums[1]);
    }
};

template <class L, class B>
constexpr LinearKernel linear_kernel() {
    return {LinearLoops<L, B>::one, LinearLoops<L, B>::many};
}

/// Returns the table of `LinearKernels` for lanes `L`.
template <class L>
constexpr LinearKernels linear_kernels() {
    return {RoundLoops<L>::run,
            linear_kernel<L, BlockQ4_0>(),
            linear_kernel<L, BlockQ4_1>(),
            linear_kernel<L, BlockQ5_0>(),
            linear_kernel<L, BlockQ5_1>(),
            linear_kernel<L, BlockQ8_0>(),
            linear_kernel<L, BlockQ4_K>(),
            linear_kernel<L, BlockQ5_K>()};
}

}  // namespace wyvern::kernels
