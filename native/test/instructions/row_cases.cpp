#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "../../kernels/instruction_set.h"
#include "../../kernels/rows/row_kernels.h"
#include "cases.h"

namespace {

using wyvern::kernels::DeltaRule;
using wyvern::kernels::RowKernels;

using Floats = std::vector<float>;

std::shared_ptr<Floats> waves(std::int64_t count) {
    auto floats = std::make_shared<Floats>(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < floats->size(); ++i) (*floats)[i] = std::sin(static_cast<float>(i));
    return floats;
}

const RowKernels& kernels() { return *wyvern::kernels::instruction_set().rows; }

std::function<void()> norm(std::int64_t width) {
    const auto [x, weight, out] = std::array{waves(width), waves(width), waves(width)};
    return [=] { kernels().rms_norm(x->data(), weight->data(), 1e-5f, width, out->data()); };
}

std::function<void()> gated(void (*RowKernels::*kernel)(const float*, const float*, std::int64_t, float*),
                            std::int64_t count) {
    const auto [gate, up, out] = std::array{waves(count), waves(count), waves(count)};
    return [=] { (kernels().*kernel)(gate->data(), up->data(), count, out->data()); };
}

std::function<void()> rotation(std::int64_t half) {
    const auto [x, cos, sin, out] = std::array{waves(2 * half), waves(half), waves(half), waves(2 * half)};
    return [=] { kernels().rotate(x->data(), cos->data(), sin->data(), half, out->data()); };
}

/// One head's first columns. Qwen 3.5 has keys and values of 128.
std::function<void()> delta_rule(std::int64_t tokens) {
    constexpr std::int64_t kSize = 128;
    const auto [query, key, value] = std::array{waves(tokens * kSize), waves(tokens * kSize), waves(tokens * kSize)};
    const auto [decay, beta] = std::array{waves(tokens), waves(tokens)};
    const auto [state, out] = std::array{waves(kSize * DeltaRule::kColumns), waves(tokens * kSize)};
    return [=] {
        kernels().delta_rule({.tokens = tokens,
                              .keys = kSize,
                              .values = kSize,
                              .columns = DeltaRule::kColumns,
                              .queries = 1,
                              .query = query->data(),
                              .key = key->data(),
                              .value = value->data(),
                              .decay = decay->data(),
                              .decay_width = 1,
                              .beta = beta->data(),
                              .state = state->data(),
                              .out = out->data()});
    };
}

}  // namespace

std::vector<Case> row_cases() {
    return {
        {"rms-norm-576", 32, [] { return norm(576); }},
        {"silu-mul-1536", 32, [] { return gated(&RowKernels::silu_mul, 1536); }},
        {"gelu-mul-1536", 32, [] { return gated(&RowKernels::gelu_mul, 1536); }},
        {"rotate-head-of-64", 32, [] { return rotation(32); }},
        {"delta-rule-decode", 32, [] { return delta_rule(1); }},
        {"delta-rule-prefill-128", 32, [] { return delta_rule(128); }},
    };
}
