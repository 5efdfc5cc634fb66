#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace wyvern {

/// Logits of one block of the scan. The last block may be shorter.
inline constexpr size_t logit_block = 64;

/// Replaces a logit that is not finite or not there.
inline constexpr float no_logit = -std::numeric_limits<float>::infinity();

/// Turns logits into weights: e^((logit − highest) · inverse_temperature), at most 1.
struct WeightScale {
    float highest;
    float inverse_temperature;

    /// Returns the weight of one finite logit.
    float weight(float logit) const;
    /// Returns the logit whose weight is e^−depth.
    float threshold(double depth) const;
};

/// Finds the highest finite logit of each block, or `no_logit`.
void find_block_maxima(std::span<const float> logits, std::vector<float>& maxima);

/// Sums the weights of each block's finite logits. Relative error below 1e-6.
void find_block_weights(std::span<const float> logits, WeightScale scale, std::vector<double>& weights);

}  // namespace wyvern
