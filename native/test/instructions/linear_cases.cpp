#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "../../kernels/linear/linear.h"
#include "cases.h"

namespace {

using wyvern::kernels::BlockType;
using wyvern::kernels::Linear;

/// One matrix near the default model's size. Every block's inputs divide the width.
constexpr std::int64_t kWidth = 768;
constexpr std::int64_t kRows = 1536;

struct Matrix {
    std::vector<float> input;
    std::vector<std::uint8_t> weight;
    std::vector<float> out;
    Linear linear;
};

std::function<void()> product(BlockType type, std::int64_t tokens) {
    const auto shape = *wyvern::kernels::block_shape(static_cast<std::int64_t>(type));
    auto matrix = std::make_shared<Matrix>();
    matrix->input.resize(static_cast<std::size_t>(tokens * kWidth));
    for (std::size_t i = 0; i < matrix->input.size(); ++i) matrix->input[i] = static_cast<float>(i % 17) - 8.0f;
    matrix->weight.resize(static_cast<std::size_t>(kRows * kWidth / shape.inputs * shape.bytes));
    for (std::size_t i = 0; i < matrix->weight.size(); ++i) matrix->weight[i] = static_cast<std::uint8_t>(i * 37 & 63);
    matrix->out.resize(static_cast<std::size_t>(tokens * kRows));
    Linear& linear = matrix->linear;
    linear.input = matrix->input.data();
    linear.tokens = tokens;
    linear.width = kWidth;
    linear.fine = true;  // As in the default model.
    linear.outputs[0] = {{type, matrix->weight.data(), kRows}, matrix->out.data()};
    linear.count = 1;
    return [matrix] {
        if (!wyvern::kernels::multiply(matrix->linear)) std::abort();
    };
}

std::function<void()> row(BlockType type) {
    const auto shape = *wyvern::kernels::block_shape(static_cast<std::int64_t>(type));
    auto weight = std::make_shared<std::vector<std::uint8_t>>(
        static_cast<std::size_t>(kRows * kWidth / shape.inputs * shape.bytes), std::uint8_t{5});
    auto out = std::make_shared<std::vector<float>>(kWidth);
    return [=] { wyvern::kernels::read_row({type, weight->data(), kRows}, kWidth, 33, out->data()); };
}

}  // namespace

std::vector<Case> linear_cases() {
    return {
        {"linear-decode-q4_1", 32, [] { return product(BlockType::q4_1, 1); }},
        {"linear-decode-q8_0", 32, [] { return product(BlockType::q8_0, 1); }},
        {"linear-decode-q4_k", 32, [] { return product(BlockType::q4_k, 1); }},
        {"linear-decode-q6_k", 32, [] { return product(BlockType::q6_k, 1); }},
        {"linear-decode-iq4_xs", 32, [] { return product(BlockType::iq4_xs, 1); }},
        {"linear-decode-bf16", 32, [] { return product(BlockType::bf16, 1); }},
        {"linear-prefill-128-q4_1", 32, [] { return product(BlockType::q4_1, 128); }},
        {"linear-prefill-128-q8_0", 32, [] { return product(BlockType::q8_0, 128); }},
        {"linear-prefill-128-q4_k", 32, [] { return product(BlockType::q4_k, 128); }},
        {"linear-prefill-128-q6_k", 32, [] { return product(BlockType::q6_k, 128); }},
        {"linear-prefill-128-iq4_xs", 32, [] { return product(BlockType::iq4_xs, 128); }},
        {"linear-prefill-128-bf16", 32, [] { return product(BlockType::bf16, 128); }},
        {"embedding-row-q8_0", 16, [] { return row(BlockType::q8_0); }},
    };
}
