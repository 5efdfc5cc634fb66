#include "sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <string>

#include "failure.h"

namespace wyvern {

namespace {

constexpr float largest_finite = std::numeric_limits<float>::max();

/// The first logit of the highest block: the lowest id among equals.
size_t first_highest(std::span<const float> logits, std::span<const float> maxima) {
    const auto block = std::max_element(maxima.begin(), maxima.end());
    size_t id = static_cast<size_t>(block - maxima.begin()) * logit_block;
    while (logits[id] != *block) {
        ++id;
    }
    return id;
}

double sum_of(const std::vector<double>& weights) { return std::accumulate(weights.begin(), weights.end(), 0.0); }

[[noreturn]] void refuse(const std::string& what) { throw Failure(FailureCode::invalid_argument, what); }

const SamplingOptions& checked(const SamplingOptions& options) {
    if (!(options.temperature >= 0 && options.temperature <= largest_finite)) {
        refuse("temperature must be a number from 0 up.");
    }
    if (!(options.top_p > 0 && options.top_p <= 1)) {
        refuse("topP must be above 0 and at most 1.");
    }
    if (!(options.min_p >= 0 && options.min_p < 1)) {
        refuse("minP must be at least 0 and below 1.");
    }
    if (!(options.repetition_penalty > 0 && options.repetition_penalty <= largest_finite)) {
        refuse("repetitionPenalty must be a number above 0.");
    }
    return options;
}

uint64_t seed_of_system() {
    std::random_device device;
    constexpr uint64_t largest_seed = (uint64_t{1} << 53) - 1;
    return ((uint64_t{device()} << 32) | device()) & largest_seed;
}

}  // namespace

bool Sampler::likelier(const Candidate& a, const Candidate& b) {
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

Sampler::Sampler(const SamplingOptions& options)
    : options_(checked(options)), seed_(options.seed ? *options.seed : seed_of_system()) {
    // SplitMix64 fills the state of xoshiro256++, as its authors advise: it is never all zero.
    uint64_t x = seed_;
    for (uint64_t& word : state_) {
        x += 0x9E3779B97F4A7C15;
        uint64_t z = x;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        word = z ^ (z >> 31);
    }
}

int32_t Sampler::sample(std::span<const float> logits, std::span<const int32_t> recent) {
    logits = penalised(logits, recent);
    find_block_maxima(logits, block_maxima_);
    const auto highest = std::max_element(block_maxima_.begin(), block_maxima_.end());
    if (highest == block_maxima_.end() || *highest == no_logit) {
        refuse("No logit is finite.");
    }
    if (options_.temperature == 0) {
        return static_cast<int32_t>(first_highest(logits, block_maxima_));
    }
    return draw(logits, *highest);
}

std::span<const float> Sampler::penalised(std::span<const float> logits, std::span<const int32_t> recent) {
    recent = recent.last(std::min(recent.size(), options_.repetition_window));
    if (options_.repetition_penalty == 1 || recent.empty()) {
        return logits;
    }
    penalised_.assign(logits.begin(), logits.end());
    const auto penalty = static_cast<float>(options_.repetition_penalty);
    for (const int32_t id : recent) {
        if (id < 0 || static_cast<size_t>(id) >= logits.size()) {
            continue;
        }
        // Read the original logit, so that a repeated token is penalised once.
        const float logit = logits[static_cast<size_t>(id)];
        penalised_[static_cast<size_t>(id)] = logit > 0 ? logit / penalty : logit * penalty;
    }
    return penalised_;
}

int32_t Sampler::draw(std::span<const float> logits, float highest) {
    // A lower temperature is greedy in float, and its inverse would overflow.
    const WeightScale scale{highest, static_cast<float>(1 / std::max(options_.temperature, 1e-6))};
    const bool cut_by_rank = options_.top_k > 0 && options_.top_k < logits.size();
    if (cut_by_rank) {
        collect_top_k(logits, scale);
    } else if (options_.top_p < 1) {
        collect_nucleus(logits, scale);
    } else if (options_.min_p > 0) {
        // Logits below this cannot pass min-p. The bound has some slack; the exact test follows.
        collect_at_least(logits, scale, scale.threshold(-std::log(options_.min_p) * 1.0001 + 1e-6));
    } else {
        return draw_from_all(logits, scale);
    }
    if (cut_by_rank && options_.top_p < 1) {
        double total = 0;
        for (const Candidate& candidate : candidates_) {
            total += candidate.weight;
        }
        keep_nucleus(total);
    }
    const auto least = static_cast<float>(options_.min_p);
    double total = 0;
    for (const Candidate& candidate : candidates_) {
        total += candidate.weight >= least ? candidate.weight : 0;
    }
    double left = uniform() * total;
    int32_t last = candidates_.front().id;
    for (const Candidate& candidate : candidates_) {
        if (candidate.weight >= least) {
            last = candidate.id;
            left -= candidate.weight;
            if (left < 0) {
                break;
            }
        }
    }
    return last;
}

int32_t Sampler::draw_from_all(std::span<const float> logits, WeightScale scale) {
    find_block_weights(logits, scale, block_weights_);
    double left = uniform() * sum_of(block_weights_);
    int32_t last = 0;
    // Test whole blocks first: this skips most of them.
    for (size_t block = 0; block < block_weights_.size(); ++block) {
        if (block_weights_[block] < left) {
            left -= block_weights_[block];
            continue;
        }
        const size_t start = block * logit_block;
        const size_t end = std::min(start + logit_block, logits.size());
        for (size_t id = start; id < end; ++id) {
            if (std::fabs(logits[id]) <= largest_finite) {
                last = static_cast<int32_t>(id);
                left -= scale.weight(logits[id]);
                if (left < 0) {
                    return last;
                }
            }
        }
    }
    return last;
}

/// The k-th highest block maximum bounds the k-th highest logit from below, so the scan visits few blocks.
void Sampler::collect_top_k(std::span<const float> logits, WeightScale scale) {
    const size_t k = options_.top_k;
    float threshold = -largest_finite;
    if (k < block_maxima_.size()) {
        ranked_maxima_ = block_maxima_;
        const auto kth = ranked_maxima_.begin() + static_cast<ptrdiff_t>(k - 1);
        std::nth_element(ranked_maxima_.begin(), kth, ranked_maxima_.end(), std::greater<>());
        threshold = std::max(threshold, *kth);
    }
    collect_at_least(logits, scale, threshold);
    if (candidates_.size() > k) {
        const auto end = candidates_.begin() + static_cast<ptrdiff_t>(k);
        std::nth_element(candidates_.begin(), end, candidates_.end(), likelier);
        candidates_.resize(k);
    }
}

void Sampler::collect_at_least(std::span<const float> logits, WeightScale scale, float threshold) {
    candidates_.clear();
    // As a float, a threshold far below the lowest logit becomes −∞. It must not admit logits of −∞.
    threshold = std::max(threshold, -largest_finite);
    for (size_t block = 0; block < block_maxima_.size(); ++block) {
        if (block_maxima_[block] < threshold) {
            continue;
        }
        const size_t start = block * logit_block;
        const size_t end = std::min(start + logit_block, logits.size());
        for (size_t id = start; id < end; ++id) {
            if (logits[id] >= threshold && logits[id] <= largest_finite) {
                candidates_.push_back({logits[id], scale.weight(logits[id]), static_cast<int32_t>(id)});
            }
        }
    }
}

/// Lowers the threshold until the tokens above it reach top-p of the total weight. In a trained model a few hundred
/// tokens suffice.
void Sampler::collect_nucleus(std::span<const float> logits, WeightScale scale) {
    find_block_weights(logits, scale, block_weights_);
    const double total = sum_of(block_weights_);
    for (double depth = 6; depth < 100; depth *= 2) {
        collect_at_least(logits, scale, scale.threshold(depth));
        double reached = 0;
        for (const Candidate& candidate : candidates_) {
            reached += candidate.weight;
        }
        if (reached >= options_.top_p * total) {
            keep_nucleus(total);
            return;
        }
    }
    collect_at_least(logits, scale, -largest_finite);
    keep_nucleus(total);
}

/// Keeps the smallest set of likeliest candidates whose weight reaches top-p of `total`. It finds the set's end by
/// bisection, without sorting.
void Sampler::keep_nucleus(double total) {
    const double wanted = options_.top_p * total;
    double reached = 0;
    auto begin = candidates_.begin();
    auto end = candidates_.end();
    while (end - begin > 1) {
        const auto middle = begin + (end - begin) / 2;
        std::nth_element(begin, middle, end, likelier);
        double upper = 0;
        for (auto candidate = begin; candidate != middle; ++candidate) {
            upper += candidate->weight;
        }
        if (reached + upper >= wanted) {
            end = middle;
        } else {
            reached += upper;
            begin = middle;
        }
    }
    candidates_.erase(end, candidates_.end());
}

/// xoshiro256++ (Blackman and Vigna); 53 bits in [0, 1).
double Sampler::uniform() {
    const uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return static_cast<double>(result >> 11) * 0x1.0p-53;
}

}  // namespace wyvern
