#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "../failure.h"
#include "../sampler.h"
#include "language_model.h"

namespace wyvern {

struct PrefillChunk {
    size_t tokens = 0;
    StepTimings timings;
};

struct Prefill {
    size_t position = 0;
    std::vector<PrefillChunk> chunks;
    bool stopped = false;
};

struct Step {
    int32_t token = 0;
    size_t position = 0;
    double sampling_us = 0;
    StepTimings timings;
};

/// One token sequence over one model: what is resident, and the sampled token that is not yet.
/// Checks every argument, so that the model need not. One thread at a time, as `LanguageModel`.
class Session {
 public:
    explicit Session(std::unique_ptr<LanguageModel> model);

    const ModelFacts& facts() const { return model_->facts(); }
    size_t position() const { return resident_.size(); }

    /// Runs one decode step and one prefill chunk on token 0 and forgets them, so that the first prompt does not pay
    /// for paging and packing, and the chunk length is known to answer `stop` in time.
    void warm_up();

    /// Feeds tokens after the resident ones, in chunks, and drops a sampled token that was not fed yet.
    /// Between chunks it looks at `stop`; what was done until then stays resident. Each chunk is told to `on_chunk`.
    /// Throws `invalid-argument` and `context-full` before anything is fed. Feeding nothing is allowed.
    Prefill prefill(std::span<const int32_t> tokens, const std::atomic<bool>& stop,
                    const std::function<void(const PrefillChunk&)>& on_chunk = {});

    /// Feeds the token sampled before, if any, then samples the next.
    Step next(Sampler& sampler);

    /// Does what the next `next` will begin with, feeding the sampled token, if it is likely to be called: there is
    /// room, and the token ends nothing. Nobody can tell but by the time that `next` then takes: whatever else comes
    /// instead takes it back. A failure is kept for `next`.
    void run_ahead();

    /// Rewinds to `position` ≤ the current one and drops a sampled token that was not fed yet. Unless that changed
    /// nothing, a prefill must come before the next `next`. Where the model cannot go back, it forgets everything, and
    /// that prefill feeds it the resident tokens again first.
    void seek(size_t position);

    /// Logits that `next` would sample from, if it need not feed a token first or has nothing to continue from.
    std::optional<std::span<const float>> logits();

 private:
    /// A sampled token that was fed before `next` asked for it.
    struct Ahead {
        StepTimings timings;
        std::optional<Failure> failure;
    };

    void drop_pending();
    StepTimings feed_pending();
    size_t chunk_length(size_t remaining) const;
    void measure(size_t tokens, const StepTimings& timings);

    std::unique_ptr<LanguageModel> model_;
    std::vector<int32_t> resident_;
    std::optional<int32_t> pending_;
    std::optional<Ahead> ahead_;
    bool logits_current_ = false;
    /// The model has forgotten the resident tokens.
    bool forgotten_ = false;
    /// Measured cost of one prefilled token, µs; 0 before the first measurement.
    double token_us_ = 0;
};

}  // namespace wyvern
