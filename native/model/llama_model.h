#pragma once

#include <executorch/extension/tensor/tensor.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "language_model.h"
#include "program.h"

namespace wyvern {

/// Upstream's standard LLM export (`export_llm`, `examples/models/llama`) in all its variants:
///
///   forward(tokens int64 [1, S], input_pos int64 [1] or [S]) → logits [1, V], [1, 1, V] or [1, S, V]
///
/// - `input_pos` exists if and only if the program holds the KV cache. With one element it is the first token's
///   position; with more elements it has the position of every token.
/// - With a cache S is 1 … its declared size if the shape is dynamic, else exactly 1. Without a cache, every step
///   feeds the whole sequence, padded at its end if the shape is fixed; the causal mask hides the padding.
/// - A cache may be a ring of twice as many slots as its window (`llama::update_cache_with_indices`). Calls are then
///   half as long as declared: a longer call would overwrite slots that its first tokens still read. `seek` can go only
///   to the beginning, or back by the one token that was decoded ahead.
/// - Logits are float32, float16 or bfloat16, of the last token or of every token.
///
/// Formats: pytorch/executorch 1.5, `examples/models/llama/{model,llama_transformer,attention}.py` and
/// `extension/llm/export/builder.py`. The model refuses any other program with `program-unsupported`.
class LlamaModel final : public LanguageModel {
 public:
    explicit LlamaModel(std::unique_ptr<Program> program);

    const ModelFacts& facts() const override { return facts_; }
    size_t position() const override { return position_; }
    StepTimings prefill(std::span<const int32_t> tokens) override;
    StepTimings decode(int32_t token) override;
    std::span<const float> logits() override;
    bool can_seek(size_t position) const override;
    void seek(size_t position) override;

 private:
    void read_inputs();
    void read_output();
    void read_metadata();
    StepTimings feed(std::span<const int32_t> tokens);
    StepTimings run(size_t length, size_t last);

    std::unique_ptr<Program> program_;
    ModelFacts facts_;
    size_t position_ = 0;

    /// Declared size of `tokens`: the upper bound, or the fixed size.
    size_t declared_length_ = 0;
    bool position_vector_ = false;
    std::vector<int64_t> tokens_;
    std::vector<int64_t> positions_;

    /// Without a cache: every token so far, fed at each step.
    std::vector<int32_t> sequence_;

    /// Memory for an output that the program did not plan.
    std::vector<std::byte> output_memory_;
    /// Row of the latest output with the logits, in the output's dtype.
    const void* row_ = nullptr;
    bool converted_ = false;
    std::vector<float> converted_row_;
};

}  // namespace wyvern
