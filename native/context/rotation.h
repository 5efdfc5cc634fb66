#pragma once

#include <span>
#include <vector>

namespace wyvern {

/// Rotary position embedding: cos and sin of position * inverse frequency, times a factor (longrope's attention
/// factor).
struct Rotation {
    /// D / 2 values.
    std::vector<double> inverse_frequencies;
    double scale = 1;

    /// Writes one row of D / 2 values each.
    void row(size_t position, std::span<float> cos, std::span<float> sin) const;
};

}  // namespace wyvern
