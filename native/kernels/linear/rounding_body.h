#pragma once

#include "linear_kernels.h"

namespace wyvern::kernels {

/// Rounds units of inputs for lanes `L`.
template <class L>
struct RoundLoops {
    static void run(const InputRows& x, std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row) {
            const float* from = x.input + row * x.width;
            const std::int64_t tile = row / x.tile * x.units * x.tile + row % x.tile;
            for (std::int64_t unit = 0; unit < x.units; ++unit, from += kUnit)
                round_unit(from, x, tile + unit * x.tile);
        }
    }

 private:
    static void round_unit(const float* from, const InputRows& x, std::int64_t at) {
        constexpr float kSmallest = 1e-30f;
        std::int8_t* to = x.values + at * kUnit;
        std::int8_t* fine = x.fine_values == nullptr ? nullptr : x.fine_values + at * kUnit;
        const float greatest = L::greatest_magnitude(from);
        // `greatest` compares bits, so an infinity or NaN wins.
        const bool finite = greatest - greatest == 0;
        HalfSums sums[2] = {};
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
        const std::int32_t sum = sums[0].first + sums[0].last;
        const std::int32_t fine_sum = sums[1].first + sums[1].last;
        x.scaled_sums[at] = x.scales[at] * static_cast<float>(fine == nullptr ? sum : 128 * sum + fine_sum);
    }
};

}  // namespace wyvern::kernels
