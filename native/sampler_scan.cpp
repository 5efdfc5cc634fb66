#include "sampler_scan.h"

#include <algorithm>
#include <array>

#include "sampler_lanes.h"

namespace wyvern {

namespace {

constexpr size_t blocks_of(size_t count) { return (count + logit_block - 1) / logit_block; }

/// Calls `visit` with the address of each block. It copies a short last block and fills it up.
template <typename Visit>
void for_each_block(std::span<const float> logits, Visit visit) {
    const size_t whole = logits.size() / logit_block;
    for (size_t block = 0; block < whole; ++block) {
        visit(logits.data() + block * logit_block);
    }
    const auto rest = logits.subspan(whole * logit_block);
    if (!rest.empty()) {
        std::array<float, logit_block> last;
        last.fill(no_logit);
        std::copy(rest.begin(), rest.end(), last.begin());
        visit(last.data());
    }
}

float block_maximum(const float* block) {
    const Lanes none = Lanes::set(no_logit);
    const auto highest_of = [&](const float* from, Lanes highest) {
        const Lanes logits = Lanes::load(from);
        return Lanes::larger(Lanes::where_finite(logits, logits, none), highest);
    };
    Lanes first = none;
    Lanes second = none;
    for (size_t i = 0; i < logit_block; i += 2 * Lanes::count) {
        first = highest_of(block + i, first);
        second = highest_of(block + i + Lanes::count, second);
    }
    return Lanes::larger(first, second).largest();
}

/// e^x for x ≤ 0 with a relative error below 4e-7: x = n·ln 2 + r, e^r by a polynomial, 2^n by its bits. Below −87 the
/// result is e^−87, about 1e-38. For another x, including NaN, it is any number.
Lanes exp_of_negative(Lanes x) {
    const Lanes round_by_adding = Lanes::set(12582912.0F);  // 1.5 · 2^23: the sum has no fraction bits left
    x = Lanes::smaller(Lanes::larger(x, Lanes::set(-87.0F)), Lanes::set(0.0F));
    const Lanes n = (x * Lanes::set(1.44269504F) + round_by_adding) - round_by_adding;
    const Lanes r = (x - n * Lanes::set(0.693359375F)) - n * Lanes::set(-2.12194440e-4F);
    Lanes e = Lanes::set(1.9875691500e-4F);
    e = e * r + Lanes::set(1.3981999507e-3F);
    e = e * r + Lanes::set(8.3334519073e-3F);
    e = e * r + Lanes::set(4.1665795894e-2F);
    e = e * r + Lanes::set(1.6666665459e-1F);
    e = e * r + Lanes::set(5.0000001201e-1F);
    e = e * r * r + r + Lanes::set(1.0F);
    return Lanes::times_power_of_2(e, n);
}

double block_weight(const float* block, WeightScale scale) {
    const Lanes highest = Lanes::set(scale.highest);
    const Lanes inverse_temperature = Lanes::set(scale.inverse_temperature);
    const Lanes zero = Lanes::set(0.0F);
    const auto weights_of = [&](const float* from) {
        const Lanes logits = Lanes::load(from);
        return Lanes::where_finite(logits, exp_of_negative((logits - highest) * inverse_temperature), zero);
    };
    Lanes first = zero;
    Lanes second = zero;
    for (size_t i = 0; i < logit_block; i += 2 * Lanes::count) {
        first = first + weights_of(block + i);
        second = second + weights_of(block + i + Lanes::count);
    }
    // In float within a block, in double across blocks: exact enough for 2^20 terms.
    std::array<float, Lanes::count> four;
    (first + second).store(four.data());
    double total = 0;
    for (const float sum : four) {
        total += sum;
    }
    return total;
}

}  // namespace

float WeightScale::weight(float logit) const {
    std::array<float, Lanes::count> weights;
    exp_of_negative(Lanes::set((logit - highest) * inverse_temperature)).store(weights.data());
    return weights[0];
}

float WeightScale::threshold(double depth) const { return static_cast<float>(highest - depth / inverse_temperature); }

void find_block_maxima(std::span<const float> logits, std::vector<float>& maxima) {
    maxima.clear();
    maxima.reserve(blocks_of(logits.size()));
    for_each_block(logits, [&](const float* block) { maxima.push_back(block_maximum(block)); });
}

void find_block_weights(std::span<const float> logits, WeightScale scale, std::vector<double>& weights) {
    weights.clear();
    weights.reserve(blocks_of(logits.size()));
    for_each_block(logits, [&](const float* block) { weights.push_back(block_weight(block, scale)); });
}

}  // namespace wyvern
