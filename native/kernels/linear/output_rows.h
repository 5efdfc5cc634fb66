#pragma once

#include "linear_kernels.h"

namespace wyvern::kernels {

/// Reads and writes the outputs of one token, `L::kLanes` rows from `row` on. In the last group, only those below the
/// number of rows exist.
template <class L>
struct OutputRows {
    using Floats = typename L::Floats;
    static constexpr int kLanes = L::kLanes;

    /// Returns outputs that an earlier call wrote; zeros for missing rows.
    static Floats load(const LinearOutput& output, std::int64_t token, std::int64_t row) {
        const std::int64_t rows = output.weight.rows;
        const float* out = output.out + token * rows + row;
        if (row + kLanes <= rows) return L::load_floats(out);
        float lanes[kLanes];
        for (std::int64_t i = 0; i < kLanes; ++i) lanes[i] = row + i < rows ? out[i] : 0;
        return L::load_floats(lanes);
    }

    /// Writes `total`, plus the output's addend if it `is_last`.
    static void store(Floats total, const LinearOutput& output, std::int64_t token, std::int64_t row, bool is_last) {
        const std::int64_t rows = output.weight.rows;
        float* out = output.out + token * rows + row;
        const bool adds = is_last && output.added != nullptr;
        const float* added = adds ? output.added + token * output.added_stride + row : nullptr;
        if (row + kLanes <= rows) {
            L::store(out, added == nullptr ? total : L::add(total, L::load_floats(added)));
            return;
        }
        float lanes[kLanes];
        L::store(lanes, total);
        for (std::int64_t i = 0; row + i < rows; ++i) out[i] = added == nullptr ? lanes[i] : lanes[i] + added[i];
    }
};

}  // namespace wyvern::kernels
