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
#include "prompt_lookup.h"

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
    /// Whether the logits came from the step of an earlier token, with which a draft was verified. The times are then
    /// 0.
    bool accepted = false;
    StepTimings timings;
};

/// One token sequence over one model: the resident tokens, and a sampled token that is not resident yet. It checks
/// every argument for the model. Call it from one thread at a time, like `LanguageModel`.
class Session {
 public:
    explicit Session(std::unique_ptr<LanguageModel> model);

    const ModelFacts& facts() const { return model_->facts(); }
    size_t position() const { return resident_.size(); }

    /// Runs two prefill chunks and one decode step on token 0, and forgets them. The first prompt then does not pay for
    /// paging and packing, and the chunk length that answers `stop` in time is known.
    void warm_up();

    /// Feeds tokens after the resident ones, in chunks, and drops a sampled token that is not resident. It reads `stop`
    /// between chunks; fed chunks stay resident. It calls `on_chunk` after each chunk. Throws `invalid-argument` and
    /// `context-full` before feeding anything. `tokens` may be empty.
    Prefill prefill(std::span<const int32_t> tokens, const std::atomic<bool>& stop,
                    const std::function<void(const PrefillChunk&)>& on_chunk = {});

    /// Feeds the sampled token, if any, then samples the next. It may feed a draft of the following tokens in the same
    /// step. It samples from the same logits, with the same random numbers, as without drafts, and rewinds the tokens
    /// of a draft from the first wrong one on. So drafts change only the time.
    Step next(Sampler& sampler, Drafting drafting = Drafting::off);

    /// Feeds the sampled token ahead of `next`, with a draft if one pays, if there is room and the token is not an end.
    /// Any other call undoes it; only the latency of `next` shows the difference. `next` throws the failure, if there
    /// is one. A model with state cannot undo it, so it does not run ahead.
    void run_ahead(Drafting drafting = Drafting::off);

    /// Rewinds to `position` ≤ the current one and drops a sampled token that is not resident. If this changes
    /// anything, call `prefill` before `next`. If the model cannot go back, it forgets everything, and that prefill
    /// feeds it the resident tokens again first.
    void seek(size_t position);

    /// Logits that `next` would sample from; absent if it must feed a token first or has nothing to continue.
    std::optional<std::span<const float>> logits();

 private:
    /// A step that fed the sampled token ahead of `next`.
    struct Ahead {
        StepTimings timings;
        std::optional<Failure> failure;
    };

    void drop_pending();
    bool accepts_pending() const;
    StepTimings feed_pending(Drafting drafting);
    StepTimings step(Drafting drafting);
    std::span<const float> current_logits();
    template <typename Step>
    StepTimings run(Step step);
    void forget();
    void feed_again();
    size_t chunk_length(size_t remaining) const;
    void measure(size_t tokens, const StepTimings& timings);

    std::unique_ptr<LanguageModel> model_;
    std::vector<int32_t> resident_;
    std::optional<int32_t> pending_;
    std::optional<Ahead> ahead_;
    PromptLookup lookup_;
    /// Tokens of one step, kept for its memory.
    std::vector<int32_t> fed_;
    /// The draft of the latest step, which the model holds after the token of that step.
    std::vector<int32_t> draft_;
    /// Tokens of the draft that were sampled and are resident.
    size_t accepted_ = 0;
    bool logits_current_ = false;
    /// Whether the model forgot the resident tokens.
    bool forgotten_ = false;
    /// Measured cost of one prefill token, µs; 0 before the first measurement.
    double token_us_ = 0;
};

}  // namespace wyvern
