#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sampler_scan.h"

namespace wyvern {

/// Options of the sampler, with the fields and ranges of `SamplingOptions` in index.d.ts.
struct SamplingOptions {
    double temperature = 0;
    size_t top_k = 0;
    double top_p = 1;
    double min_p = 0;
    double repetition_penalty = 1;
    size_t repetition_window = 64;
    /// Absent: a random seed from the system.
    std::optional<uint64_t> seed;
};

/// Chooses a token from logits, in this order: repetition penalty, temperature, top-k, top-p, min-p, one uniform draw.
/// Temperature 0 takes the highest logit, the lowest id among equals, and draws nothing. It never chooses NaN or
/// infinite logits. For a given seed it is deterministic across platforms, except for the last bit of `exp` and `log`.
/// Not thread-safe. It does not change the logits.
class Sampler {
 public:
    /// Throws `invalid-argument` for values outside their range.
    explicit Sampler(const SamplingOptions& options);

    uint64_t seed() const { return seed_; }

    /// `recent` holds the tokens so far, the latest last. Throws `invalid-argument` if no logit is finite.
    int32_t sample(std::span<const float> logits, std::span<const int32_t> recent);

 private:
    struct Candidate {
        float logit;
        /// Probability relative to that of the highest logit.
        float weight;
        int32_t id;
    };
    static bool likelier(const Candidate& a, const Candidate& b);

    std::span<const float> penalised(std::span<const float> logits, std::span<const int32_t> recent);
    int32_t draw(std::span<const float> logits, float highest);
    int32_t draw_from_all(std::span<const float> logits, WeightScale scale);
    void collect_top_k(std::span<const float> logits, WeightScale scale);
    void collect_at_least(std::span<const float> logits, WeightScale scale, float threshold);
    void collect_nucleus(std::span<const float> logits, WeightScale scale);
    void keep_nucleus(double total);
    double uniform();

    SamplingOptions options_;
    uint64_t seed_;
    std::array<uint64_t, 4> state_;
    std::vector<float> penalised_;
    std::vector<float> block_maxima_;
    std::vector<float> ranked_maxima_;
    std::vector<double> block_weights_;
    std::vector<Candidate> candidates_;
};

}  // namespace wyvern
