#include "prompt_lookup.h"

#include <algorithm>

namespace wyvern {

namespace {

/// Longer matches predict no better.
constexpr size_t longest_match = 16;
/// The guess before a measurement: the share of a step that one more row costs.
constexpr double guessed_row = 0.25;
/// Weights of the latest time in the mean. Drafts that no longer pay end soon.
constexpr double faster_weight = 0.25;
constexpr double slower_weight = 0.5;
/// A busy machine can delay a step much more than rows do.
constexpr double largest_jump = 2;
/// Share of the distance to the guess that one doubt covers.
constexpr double doubt_share = 0.005;
/// Share of a record that stays after each try: it remembers about twenty.
constexpr double record_decay = 0.95;
/// Tokens a unit of time with a draft against without: to begin, and to continue.
constexpr double least_gain_to_begin = 1.15;
constexpr double least_gain_to_continue = 1.0;

}  // namespace

void StepCosts::measured(size_t rows, double wall_us) {
    double& known = known_us_[rows - 1];
    if (known == 0) {
        known = wall_us;
        return;
    }
    const double change = std::min(wall_us, known * largest_jump) - known;
    known += change * (change > 0 ? slower_weight : faster_weight);
}

double StepCosts::relative(size_t rows) const {
    const double one = known_us_[0];
    if (rows == 1 || one == 0) {
        return 1 + guessed_row * static_cast<double>(rows - 1);
    }
    size_t below = rows;
    while (known_us_[below - 1] == 0) {
        --below;
    }
    const double below_cost = known_us_[below - 1] / one;
    if (below == rows) {
        return std::max(1.0, below_cost);
    }
    size_t above = rows;
    while (above <= known_us_.size() && known_us_[above - 1] == 0) {
        ++above;
    }
    const auto beyond = static_cast<double>(rows - below);
    if (above > known_us_.size()) {
        const double row = below == 1 ? guessed_row : std::max(0.0, below_cost - 1) / static_cast<double>(below - 1);
        return std::max(1.0, below_cost + row * beyond);
    }
    const double above_cost = known_us_[above - 1] / one;
    return std::max(1.0, below_cost + (above_cost - below_cost) * beyond / static_cast<double>(above - below));
}

void StepCosts::doubt() {
    for (size_t rows = 2; rows <= known_us_.size(); ++rows) {
        double& known = known_us_[rows - 1];
        if (known != 0) {
            const double guess = known_us_[0] * (1 + guessed_row * static_cast<double>(rows - 1));
            known += doubt_share * std::min(0.0, guess - known);
        }
    }
}

/// The records begin with a guess that a few tries outweigh.
PromptLookup::PromptLookup(size_t most_rows)
    : most_rows_(most_rows), costs_(most_rows), records_{{{1, 4}, {2, 4}, {3, 4}, {7, 8}, {15, 16}}} {
    predicted_.reserve(most_rows);
}

/// Matches of 1, 2, 3 to 4, 5 to 8, and more tokens.
size_t PromptLookup::record_of(size_t match) {
    size_t record = 0;
    while (record + 1 < kRecords && match > (size_t{1} << record)) {
        ++record;
    }
    return record;
}

/// Finds the longest match of the latest tokens, the latest of several, and predicts the tokens after it. Beyond the
/// end of the sequence, the prediction repeats itself.
void PromptLookup::find(std::span<const int32_t> resident, int32_t last) {
    predicted_.clear();
    came_true_ = 0;
    match_ = 0;
    const size_t size = resident.size();
    size_t after = 0;
    for (size_t end = size; end-- > 0 && match_ < longest_match;) {
        if (resident[end] != last) {
            continue;
        }
        size_t length = 1;
        while (length < longest_match && length <= end && resident[end - length] == resident[size - length]) {
            ++length;
        }
        if (length > match_) {
            match_ = length;
            after = end + 1;
        }
    }
    for (size_t place = after; match_ > 0 && predicted_.size() + 1 < most_rows_; ++place) {
        predicted_.push_back(place < size ? resident[place] : place == size ? last : predicted_[place - size - 1]);
    }
}

/// Returns the length with the most expected tokens a unit of time; 0 if no draft pays.
size_t PromptLookup::best_length(size_t room) {
    double all_right = 1;
    double expected = 1;
    double best_gain = paid_ ? least_gain_to_continue : least_gain_to_begin;
    size_t best = 0;
    for (size_t length = 1; length <= std::min(room, predicted_.size()); ++length) {
        const Record& record = records_[record_of(match_ + length - 1)];
        all_right *= record.right / record.tried;
        expected += all_right;
        const double gain = expected / costs_.relative(length + 1);
        if (gain > best_gain) {
            best_gain = gain;
            best = length;
        }
    }
    paid_ = best > 0;
    return best;
}

std::span<const int32_t> PromptLookup::draft(std::span<const int32_t> resident, int32_t last, size_t room,
                                             Drafting drafting) {
    if (most_rows_ == 1 || drafting == Drafting::off) {
        predicted_.clear();
        return {};
    }
    find(resident, last);
    if (predicted_.empty()) {
        return {};
    }
    const size_t length = drafting == Drafting::always ? std::min(room, predicted_.size()) : best_length(room);
    if (length == 0) {
        costs_.doubt();
    }
    return std::span<const int32_t>(predicted_).first(length);
}

void PromptLookup::sampled(int32_t token) {
    if (came_true_ >= predicted_.size()) {
        return;
    }
    const bool right = predicted_[came_true_] == token;
    Record& record = records_[record_of(match_ + came_true_)];
    record.right = record.right * record_decay + (right ? 1 : 0);
    record.tried = record.tried * record_decay + 1;
    if (right) {
        ++came_true_;
    } else {
        predicted_.clear();
    }
}

}  // namespace wyvern
