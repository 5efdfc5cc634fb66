#include "session.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "../failure.h"

namespace wyvern {

namespace {

using Clock = std::chrono::steady_clock;

/// Longest time of a chunk: `stop` must take effect within 250 ms.
constexpr double chunk_budget_us = 150'000;
/// Least chunk length: shorter chunks waste the matrix kernels.
constexpr size_t shortest_chunk = 32;
/// Chunk length before the cost of a token is known.
constexpr size_t first_chunk = 64;

double microseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

/// Lets a model read the flag during one prefill.
class WatchStop {
 public:
    WatchStop(LanguageModel& model, const std::atomic<bool>& stop) : model_(model) { model_.set_stop(&stop); }
    ~WatchStop() { model_.set_stop(nullptr); }

 private:
    LanguageModel& model_;
};

}  // namespace

Session::Session(std::unique_ptr<LanguageModel> model)
    : model_(std::move(model)), lookup_(model_->facts().verify_length) {
    resident_.reserve(facts().context_length);
}

void Session::warm_up() {
    // The step comes first: it pays for page faults of the weights, so that the chunk measures the cost of prompts.
    model_->decode(0);
    model_->seek(0);
    const std::vector<int32_t> tokens(std::min({shortest_chunk, model_->longest_chunk(), facts().context_length}));
    measure(tokens.size(), model_->prefill(tokens));
    model_->seek(0);
}

Prefill Session::prefill(std::span<const int32_t> tokens, const std::atomic<bool>& stop,
                         const std::function<void(const PrefillChunk&)>& on_chunk) {
    const auto vocabulary = static_cast<int64_t>(facts().vocab_size);
    for (const int32_t token : tokens) {
        if (token < 0 || token >= vocabulary) {
            throw Failure(FailureCode::invalid_argument, "Token " + std::to_string(token) +
                                                             " is outside the vocabulary of " +
                                                             std::to_string(vocabulary) + " tokens.");
        }
    }
    if (tokens.size() > facts().context_length - position()) {
        throw Failure(FailureCode::context_full, std::to_string(tokens.size()) + " tokens do not fit after the " +
                                                     std::to_string(position()) + " resident ones: the model holds " +
                                                     std::to_string(facts().context_length) + ".");
    }
    drop_pending();
    Prefill result;
    std::vector<int32_t> again;
    if (forgotten_ && !tokens.empty()) {
        again = std::exchange(resident_, {});
        again.insert(again.end(), tokens.begin(), tokens.end());
        tokens = again;
        forgotten_ = false;
    }
    const WatchStop watch(*model_, stop);
    while (!tokens.empty()) {
        if (stop.load(std::memory_order_relaxed)) {
            result.stopped = true;
            break;
        }
        const auto chunk = tokens.first(chunk_length(tokens.size()));
        logits_current_ = false;
        model_->expect_more(chunk.size() < tokens.size());
        StepTimings timings;
        try {
            timings = run([&] { return model_->prefill(chunk); });
        } catch (const Stopped&) {
            result.stopped = true;
            break;
        }
        measure(chunk.size(), timings);
        resident_.insert(resident_.end(), chunk.begin(), chunk.end());
        logits_current_ = true;
        result.chunks.push_back({chunk.size(), timings});
        if (on_chunk) {
            on_chunk(result.chunks.back());
        }
        tokens = tokens.subspan(chunk.size());
    }
    result.position = position();
    return result;
}

Step Session::next(Sampler& sampler, Drafting drafting) {
    Step step;
    if (accepts_pending()) {
        step.accepted = true;
        ++accepted_;
        resident_.push_back(*std::exchange(pending_, std::nullopt));
    } else if (pending_) {
        step.timings = feed_pending(drafting);
    } else if (!logits_current_) {
        throw Failure(FailureCode::nothing_to_continue, "Nothing to continue from: prefill a prompt first.");
    }
    const auto start = Clock::now();
    try {
        step.token = sampler.sample(current_logits(), resident_);
    } catch (const Failure&) {
        // The sampler refuses only such logits. The caller gave valid tokens, so the execution failed.
        throw Failure(FailureCode::execution_failed, "The model computed no finite number for any token.");
    }
    step.sampling_us = microseconds_since(start);
    step.position = position();
    pending_ = step.token;
    lookup_.sampled(step.token);
    return step;
}

void Session::seek(size_t position) {
    if (position > this->position()) {
        throw Failure(FailureCode::invalid_argument, "Cannot seek to " + std::to_string(position) + ": only " +
                                                         std::to_string(this->position()) + " tokens are resident.");
    }
    drop_pending();
    if (position < this->position()) {
        const bool forgets = forgotten_ || !model_->can_seek(position);
        resident_.resize(position);
        logits_current_ = false;
        if (forgets) {
            forget();
        } else {
            model_->seek(position);
        }
    }
}

/// Runs a step of the model. If it fails, a model with state may have taken it in half.
template <typename Step>
StepTimings Session::run(Step step) {
    try {
        return step();
    } catch (const Failure&) {
        if (facts().keeps_state) {
            forget();
        }
        throw;
    }
}

/// Brings the model back to the beginning. The resident tokens are fed to it again before the next step.
void Session::forget() {
    model_->seek(0);
    forgotten_ = !resident_.empty();
}

void Session::feed_again() {
    std::span<const int32_t> tokens = resident_;
    while (!tokens.empty()) {
        const auto chunk = tokens.first(chunk_length(tokens.size()));
        model_->prefill(chunk);
        tokens = tokens.subspan(chunk.size());
    }
    forgotten_ = false;
}

/// Whether the sampled token is the next one of the draft, so that the model holds it already.
bool Session::accepts_pending() const {
    return pending_ && !ahead_ && accepted_ < draft_.size() && draft_[accepted_] == *pending_;
}

/// Feeds the sampled token, perhaps with a draft. Rewinds the rejected tokens of the draft before it.
StepTimings Session::step(Drafting drafting) {
    if (accepted_ < draft_.size()) {
        model_->seek(position());
    }
    draft_.clear();
    accepted_ = 0;
    const size_t room = facts().context_length - position() - 1;
    const auto draft = lookup_.draft(resident_, *pending_, room, drafting);
    fed_.assign(1, *pending_);
    fed_.insert(fed_.end(), draft.begin(), draft.end());
    const StepTimings timings = draft.empty() ? model_->decode(*pending_) : model_->verify(fed_);
    draft_.assign(draft.begin(), draft.end());
    lookup_.measured(fed_.size(), timings.wall_us);
    return timings;
}

StepTimings Session::feed_pending(Drafting drafting) {
    if (position() >= facts().context_length) {
        throw Failure(FailureCode::context_full,
                      "The context of " + std::to_string(facts().context_length) + " tokens is full.");
    }
    Ahead done;
    if (ahead_) {
        done = *std::exchange(ahead_, std::nullopt);
    } else {
        done.timings = run([&] {
            if (forgotten_) {
                feed_again();
            }
            return step(drafting);
        });
    }
    if (done.failure) {
        throw *done.failure;
    }
    resident_.push_back(*pending_);
    pending_.reset();
    return done.timings;
}

void Session::run_ahead(Drafting drafting) {
    const auto& ends = facts().eos_ids;
    if (!pending_ || ahead_ || accepts_pending() || facts().keeps_state || position() >= facts().context_length ||
        std::find(ends.begin(), ends.end(), *pending_) != ends.end()) {
        return;
    }
    ahead_.emplace();
    try {
        ahead_->timings = step(drafting);
    } catch (const Failure& failure) {
        ahead_->failure = failure;
    }
}

/// Drops the logits with the token: later logits may have replaced them.
void Session::drop_pending() {
    if (pending_) {
        pending_.reset();
        logits_current_ = false;
    }
    if (ahead_ || accepted_ < draft_.size()) {
        ahead_.reset();
        model_->seek(position());
    }
    draft_.clear();
    accepted_ = 0;
    lookup_.interrupted();
}

std::optional<std::span<const float>> Session::logits() {
    if (!logits_current_ || pending_) {
        return std::nullopt;
    }
    return current_logits();
}

/// Logits after the last resident token. The model may hold more of a draft.
std::span<const float> Session::current_logits() {
    return draft_.empty() ? model_->logits() : model_->verified(accepted_);
}

/// Cuts equal chunks within the limits of program and budget: a short last chunk would run the matrix kernels at a
/// fraction of their speed.
size_t Session::chunk_length(size_t remaining) const {
    size_t longest = model_->longest_chunk();
    if (!facts().dynamic_shape) {
        // A fixed shape costs the same for any number of tokens.
        return std::min(longest, remaining);
    }
    if (facts().kv_cache) {
        const auto in_budget = token_us_ > 0 ? static_cast<size_t>(chunk_budget_us / token_us_) : first_chunk;
        longest = std::min(longest, std::max(in_budget, shortest_chunk));
    }
    const size_t chunks = (remaining + longest - 1) / longest;
    return (remaining + chunks - 1) / chunks;
}

/// Keeps the latest cost, which grows with the position as attention does. Ignores single tokens: they do not predict
/// the cost of chunks.
void Session::measure(size_t tokens, const StepTimings& timings) {
    if (tokens >= shortest_chunk) {
        token_us_ = timings.wall_us / static_cast<double>(tokens);
    }
}

}  // namespace wyvern
