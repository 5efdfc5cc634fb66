/// \file
/// Runs the sampler on any logits with any settings. Input: the settings, recent tokens (u8 of them), logits.

#include <algorithm>
#include <cmath>
#include <optional>

#include "../failure.h"
#include "../sampler.h"
#include "input.h"

using wyvern::Failure;
using wyvern::FailureCode;
using wyvern::Sampler;
using wyvern::SamplingOptions;
using wyvern::fuzz::Input;
using wyvern::fuzz::require;

namespace {

constexpr size_t most_logits = 4096;

/// Returns mostly a plausible number, sometimes any number.
double setting(Input& input, double low, double high) {
    const auto way = input.take<uint8_t>();
    if (way >= 240) {
        return input.take<double>();
    }
    return low + (high - low) * input.take<uint16_t>() / 65535.0;
}

SamplingOptions options_of(Input& input) {
    SamplingOptions options;
    options.temperature = setting(input, 0, 3);
    options.top_k = input.take<uint8_t>();
    options.top_p = setting(input, 0.001, 1);
    options.min_p = setting(input, 0, 0.999);
    options.repetition_penalty = setting(input, 0.5, 2);
    options.repetition_window = input.take<uint8_t>();
    options.seed = input.take<uint32_t>();
    return options;
}

bool are_allowed(const SamplingOptions& options) {
    constexpr double largest = 3.4028234663852886e38;
    return options.temperature >= 0 && options.temperature <= largest && options.top_p > 0 && options.top_p <= 1 &&
           options.min_p >= 0 && options.min_p < 1 && options.repetition_penalty > 0 &&
           options.repetition_penalty <= largest;
}

std::optional<int32_t> sample(Sampler& sampler, const std::vector<float>& logits, const std::vector<int32_t>& recent) {
    try {
        return sampler.sample(logits, recent);
    } catch (const Failure& failure) {
        require(failure.code == FailureCode::invalid_argument, "only arguments are refused");
        return std::nullopt;
    }
}

void use(const SamplingOptions& options, const std::vector<float>& logits, const std::vector<int32_t>& recent) {
    Sampler one(options);
    Sampler other(options);
    const bool penalised = options.repetition_penalty != 1 && options.repetition_window > 0 && !recent.empty();
    const bool some_finite =
        std::any_of(logits.begin(), logits.end(), [](float logit) { return std::isfinite(logit); });
    for (int draw = 0; draw < 3; ++draw) {
        const auto id = sample(one, logits, recent);
        require(id == sample(other, logits, recent), "the same seed gives the same tokens");
        if (!penalised) {
            require(id.has_value() == some_finite, "there is a token if, and only if, a logit is finite");
        }
        if (!id) {
            continue;
        }
        require(*id >= 0 && static_cast<size_t>(*id) < logits.size(), "the token is one of the vocabulary");
        const float chosen = logits[static_cast<size_t>(*id)];
        require(std::isfinite(chosen), "NaN and infinite logits are never chosen");
        if (!penalised && (options.temperature == 0 || options.top_k == 1)) {
            for (size_t i = 0; i < logits.size(); ++i) {
                const bool before = i < static_cast<size_t>(*id);
                require(!std::isfinite(logits[i]) || logits[i] < chosen || (logits[i] == chosen && !before),
                        "greedy is the highest logit, and the lowest id among equals");
            }
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Input input(data, size);
    const SamplingOptions options = options_of(input);
    const auto recent = input.take_all<int32_t>(input.take<uint8_t>());
    const auto logits = input.take_all<float>(most_logits);
    try {
        Sampler sampler(options);
        require(are_allowed(options), "settings out of their range are refused");
    } catch (const Failure& failure) {
        require(!are_allowed(options), "settings in their range are accepted");
        return 0;
    }
    use(options, logits, recent);
    return 0;
}
