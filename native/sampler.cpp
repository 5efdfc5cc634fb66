#include "sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "failure.h"

namespace wyvern {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();
constexpr float largest_finite = std::numeric_limits<float>::max();

/// Block size of the scan: one pass gives the maximum, its place, and bounds for top-k.
constexpr size_t block_length = 64;
/// Number of independent maxima, so that compilers vectorise the inner loop.
constexpr size_t lanes = 16;
static_assert(block_length % lanes == 0);

float finite_or_lowest(float logit) { return std::fabs(logit) <= largest_finite ? logit : lowest; }

float block_maximum(const float* logits) {
    std::array<float, lanes> highest;
    highest.fill(lowest);
    for (size_t i = 0; i < block_length; i += lanes) {
        for (size_t lane = 0; lane < lanes; ++lane) {
            const float logit = finite_or_lowest(logits[i + lane]);
            highest[lane] = logit > highest[lane] ? logit : highest[lane];
        }
    }
    return *std::max_element(highest.begin(), highest.end());
}

/// e^x for x ≤ 0 with a relative error below 4e-7, without branches or calls, so that the loops over a whole
/// vocabulary vectorise: x = n·ln 2 + r, e^r by a polynomial, 2^n by its bits. Below −87 it is e^−87, about 1e-38. Any
/// other x (NaN, or +∞ for a logit that the caller drops afterwards) gives a defined number.
float exp_of_negative(float x) {
    constexpr float log2_e = 1.44269504F;
    constexpr float ln2_high = 0.693359375F;
    constexpr float ln2_low = -2.12194440e-4F;
    constexpr float round_by_adding = 12582912.0F;  // 1.5 · 2^23: the sum has no fraction bits
    x = x > -87.0F ? x : -87.0F;
    x = x < 0.0F ? x : 0.0F;
    const float n = (x * log2_e + round_by_adding) - round_by_adding;
    const float r = (x - n * ln2_high) - n * ln2_low;
    float e = 1.9875691500e-4F;
    e = e * r + 1.3981999507e-3F;
    e = e * r + 8.3334519073e-3F;
    e = e * r + 4.1665795894e-2F;
    e = e * r + 1.6666665459e-1F;
    e = e * r + 5.0000001201e-1F;
    e = e * r * r + r + 1.0F;
    return e * std::bit_cast<float>((static_cast<int32_t>(n) + 127) << 23);
}

/// Sum of e^((logit − highest) · inverse_temperature) over the finite logits.
double total_weight(std::span<const float> logits, float highest, float inverse_temperature) {
    double total = 0;
    std::array<float, block_length> weights;
    for (size_t start = 0; start < logits.size(); start += block_length) {
        const size_t count = std::min(block_length, logits.size() - start);
        const float* block = logits.data() + start;
        for (size_t i = 0; i < count; ++i) {
            const float weight = exp_of_negative((block[i] - highest) * inverse_temperature);
            weights[i] = std::fabs(block[i]) <= largest_finite ? weight : 0.0F;
        }
        // Sum in float within a block and in double across blocks: exact enough for 2^20 terms.
        std::array<float, lanes> sums{};
        for (size_t i = 0; i < count; ++i) {
            sums[i % lanes] += weights[i];
        }
        for (const float sum : sums) {
            total += sum;
        }
    }
    return total;
}

struct Highest {
    float logit;
    size_t id;
};

/// The highest finite logit and its lowest id; `logit` is −∞ if none is finite. Fills `maxima` with one per block.
Highest find_highest(std::span<const float> logits, std::vector<float>& maxima) {
    maxima.clear();
    size_t start = 0;
    for (; start + block_length <= logits.size(); start += block_length) {
        maxima.push_back(block_maximum(logits.data() + start));
    }
    if (start < logits.size()) {
        float rest = lowest;
        for (size_t i = start; i < logits.size(); ++i) {
            rest = std::max(rest, finite_or_lowest(logits[i]));
        }
        maxima.push_back(rest);
    }
    const auto block = std::max_element(maxima.begin(), maxima.end());
    if (block == maxima.end() || *block == lowest) {
        return {lowest, 0};
    }
    size_t id = static_cast<size_t>(block - maxima.begin()) * block_length;
    while (logits[id] != *block) {
        ++id;
    }
    return {*block, id};
}

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

float Sampler::Scale::weight(float logit) const { return exp_of_negative((logit - highest) * inverse_temperature); }

float Sampler::Scale::threshold(double depth) const {
    return static_cast<float>(highest - depth / inverse_temperature);
}

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
    const auto [highest, id] = find_highest(logits, block_maxima_);
    if (highest == lowest) {
        refuse("No logit is finite.");
    }
    return options_.temperature == 0 ? static_cast<int32_t>(id) : draw(logits, highest);
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
    const Scale scale{highest, static_cast<float>(1 / std::max(options_.temperature, 1e-6))};
    const bool cut_by_rank = options_.top_k > 0 && options_.top_k < logits.size();
    if (cut_by_rank) {
        collect_top_k(logits, scale);
    } else if (options_.top_p < 1) {
        collect_nucleus(logits, scale);
    } else if (options_.min_p > 0) {
        // Logits below this cannot pass min-p. It has some slack; the exact test follows.
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

int32_t Sampler::draw_from_all(std::span<const float> logits, Scale scale) {
    double left = uniform() * total_weight(logits, scale.highest, scale.inverse_temperature);
    int32_t last = 0;
    // Test whole blocks first: most can be skipped.
    for (size_t start = 0; start < logits.size(); start += block_length) {
        const auto block = logits.subspan(start, std::min(block_length, logits.size() - start));
        const double weight = total_weight(block, scale.highest, scale.inverse_temperature);
        if (weight < left) {
            left -= weight;
            continue;
        }
        for (size_t i = 0; i < block.size(); ++i) {
            if (std::fabs(block[i]) <= largest_finite) {
                last = static_cast<int32_t>(start + i);
                left -= scale.weight(block[i]);
                if (left < 0) {
                    return last;
                }
            }
        }
    }
    return last;
}

/// The k-th highest block maximum bounds the k-th highest logit from below, so the scan visits few logits.
void Sampler::collect_top_k(std::span<const float> logits, Scale scale) {
    const size_t k = options_.top_k;
    float threshold = -largest_finite;
    if (k < block_maxima_.size()) {
        const auto kth = block_maxima_.begin() + static_cast<ptrdiff_t>(k - 1);
        std::nth_element(block_maxima_.begin(), kth, block_maxima_.end(), std::greater<>());
        threshold = std::max(threshold, *kth);
    }
    collect_at_least(logits, scale, threshold);
    if (candidates_.size() > k) {
        const auto end = candidates_.begin() + static_cast<ptrdiff_t>(k);
        std::nth_element(candidates_.begin(), end, candidates_.end(), likelier);
        candidates_.resize(k);
    }
}

void Sampler::collect_at_least(std::span<const float> logits, Scale scale, float threshold) {
    candidates_.clear();
    // A threshold far below the lowest logit becomes −∞ as a float, which must not admit −∞.
    threshold = std::max(threshold, -largest_finite);
    for (size_t id = 0; id < logits.size(); ++id) {
        if (logits[id] >= threshold && logits[id] <= largest_finite) {
            candidates_.push_back({logits[id], scale.weight(logits[id]), static_cast<int32_t>(id)});
        }
    }
}

/// Lowers the threshold until the weights above it reach top-p of the total. In a trained model a few hundred tokens
/// suffice.
void Sampler::collect_nucleus(std::span<const float> logits, Scale scale) {
    const double total = total_weight(logits, scale.highest, scale.inverse_temperature);
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
