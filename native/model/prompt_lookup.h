#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace wyvern {

/// When to draft: where the measured times say that it pays, always, or never.
enum class Drafting { measured, always, off };

/// Times of steps by their number of rows. A number that was never measured lies between its neighbours.
class StepCosts {
 public:
    explicit StepCosts(size_t most_rows) : known_us_(most_rows) {}

    void measured(size_t rows, double wall_us);

    /// The cost of a step of `rows` in steps of one row.
    double relative(size_t rows) const;

    /// Brings costs of several rows a little closer to the guess, so that one slow step does not rule them out for
    /// good.
    void doubt();

 private:
    /// By rows − 1; 0: unknown.
    std::vector<double> known_us_;
};

/// Drafts tokens by prompt lookup: if the latest tokens occurred before, the tokens after that place may follow again.
/// It chooses the length of a draft by its own measurements: how often a match of some length predicted the next token,
/// and the time of a step by its number of rows. It also measures while it drafts nothing. Not thread-safe.
class PromptLookup {
 public:
    /// `most_rows` is the most tokens of one step, the sampled one included; 1: drafts nothing.
    explicit PromptLookup(size_t most_rows);

    /// Returns a draft of at most `room` tokens to feed after `last`, the token that was sampled after the resident
    /// ones. Empty if none is found or none pays. Valid until the next call of a method.
    std::span<const int32_t> draft(std::span<const int32_t> resident, int32_t last, size_t room, Drafting drafting);

    /// Call it with each sampled token after `draft`.
    void sampled(int32_t token);

    /// Call it if the next sampled token does not follow `draft`.
    void interrupted() { predicted_.clear(); }

    /// Call it after each step: `rows` is 1 + the length of the draft.
    void measured(size_t rows, double wall_us) { costs_.measured(rows, wall_us); }

 private:
    /// Predictions that were right, of those that were tried. Older ones count less.
    struct Record {
        double right = 0;
        double tried = 0;
    };
    static constexpr size_t kRecords = 5;

    static size_t record_of(size_t match);
    void find(std::span<const int32_t> resident, int32_t last);
    size_t best_length(size_t room);

    size_t most_rows_;
    StepCosts costs_;
    std::array<Record, kRecords> records_;
    /// Predicted tokens from the latest match on, and how many came true.
    std::vector<int32_t> predicted_;
    size_t came_true_ = 0;
    /// Tokens before the prediction that equal the latest ones.
    size_t match_ = 0;
    /// Whether the latest prediction seemed worth a draft.
    bool paid_ = false;
};

}  // namespace wyvern
