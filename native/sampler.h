#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace wyvern {

/// How to choose a token; the fields and ranges are those of `SamplingOptions` in index.d.ts.
struct SamplingOptions {
    double temperature = 0;
    size_t top_k = 0;
    double top_p = 1;
    double min_p = 0;
    double repetition_penalty = 1;
    size_t repetition_window = 64;
    /// Drawn from the system if absent.
    std::optional<uint64_t> seed;
};

/// Chooses a token from logits, in this order: repetition penalty, temperature, top-k, top-p, min-p, one uniform draw.
/// Temperature 0 takes the highest logit, the lowest id among equals, and draws nothing.
/// NaN and infinite logits are never chosen. Deterministic across platforms for a given seed, but for the last bit of
/// `exp` and `log`. Not thread-safe. Logits are only read.
class Sampler {
   public:
    /// Throws `invalid-argument` for values outside their range.
    explicit Sampler(const SamplingOptions& options);

    uint64_t seed() const { return seed_; }

    /// `recent` are the tokens so far, latest last. Throws `invalid-argument` if no logit is finite.
    int32_t sample(std::span<const float> logits, std::span<const int32_t> recent);

   private:
    struct Candidate {
        float logit;
        int32_t id;
    };

    std::span<const float> penalised(std::span<const float> logits, std::span<const int32_t> recent);
    int32_t draw(std::span<const float> logits, float highest);
    void collect_top_k(std::span<const float> logits);
    void collect_at_least(std::span<const float> logits, float threshold);
    void collect_nucleus(std::span<const float> logits, float highest);
    void keep_nucleus(float highest, double total);
    float inverse_temperature() const;
    double uniform();

    SamplingOptions options_;
    uint64_t seed_;
    std::array<uint64_t, 4> state_;
    std::vector<float> penalised_;
    std::vector<float> block_maxima_;
    std::vector<Candidate> candidates_;
};

}  // namespace wyvern
