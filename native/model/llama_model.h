#pragma once

#include <executorch/extension/tensor/tensor.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "language_model.h"
#include "program.h"
#include "token_embedding.h"

namespace wyvern {

/// Upstream's standard LLM export (`export_llm`, `examples/models/llama`) in all its variants, that of
/// optimum-executorch, and the text part of upstream's multimodal exports:
///
///   forward(tokens int64 [1, S], input_pos int64 [1] or [S]) → logits [1, V], [1, 1, V] or [1, S, V]
///   text_decoder(embedded float32 [1, S, H], input_pos) → logits, with `TokenEmbedding` before it
///   forward(tokens, input_pos int64 [1], first int64 [1]) → logits [1, S − first, V], Wyvern's own form
///
/// - The inputs may have either order; their dtypes and ranks tell which is which.
/// - `input_pos` exists if and only if the program holds the KV cache. With one element it is the first token's
///   position; with more elements it has the position of every token.
/// - With a cache S is 1 … its declared size if the shape is dynamic, else exactly 1. Without a cache, every step
///   feeds the whole sequence, padded at its end if the shape is fixed; the causal mask hides the padding.
/// - A cache may be a ring of twice as many slots as its window (`llama::update_cache_with_indices`). Calls are then
///   half as long as declared: a longer call would overwrite slots that its first tokens still read. `seek` can go only
///   to the beginning, or back by the one token that was decoded ahead.
/// - The program may keep other state, e.g. the last inputs of a convolution (LFM2) or the matrices of a recurrence
///   (Qwen 3.5). `seek` can then go only to the beginning, where it restores the state that the method had after
///   loading. Some programs clear their state at position 0 by themselves, others never do.
/// - Logits are float32, float16 or bfloat16, of the last token or of every token.
/// - Wyvern's own form gives the logits from token `first` on, for at most as many tokens as its output declares. Its
///   operators give a token the same bits with any other tokens in the call, so it can verify drafts.
///
/// Formats: pytorch/executorch 1.5, `examples/models/llama/{model,llama_transformer,attention}.py` and
/// `extension/llm/export/builder.py`. The model refuses any other program with `program-unsupported`.
class LlamaModel final : public LanguageModel {
 public:
    /// Whether a program has the methods of this convention.
    static bool recognises(const Program& program);

    explicit LlamaModel(std::unique_ptr<Program> program);

    const ModelFacts& facts() const override { return facts_; }
    size_t position() const override { return position_; }
    StepTimings prefill(std::span<const int32_t> tokens) override;
    StepTimings decode(int32_t token) override;
    StepTimings verify(std::span<const int32_t> tokens) override;
    std::span<const float> verified(size_t index) override;
    std::span<const float> logits() override;
    bool can_seek(size_t position) const override;
    void seek(size_t position) override;

 private:
    void read_inputs();
    void read_tokens(const executorch::runtime::TensorInfo& info);
    void read_positions(const executorch::runtime::TensorInfo& info);
    bool accepts_one_token();
    void read_output();
    void read_metadata();
    void find_state();
    bool repeats();
    StepTimings feed(std::span<const int32_t> tokens);
    StepTimings run(size_t length, size_t first, size_t last);

    std::unique_ptr<Program> program_;
    /// Absent if the compute method takes tokens.
    std::optional<TokenEmbedding> embedding_;
    /// Name of the compute method.
    std::string method_;
    ModelFacts facts_;
    size_t position_ = 0;
    /// Index of the tokens, or of their embedding, among the inputs.
    size_t token_input_ = 0;

    /// Declared size of `tokens`: the upper bound, or the fixed size.
    size_t declared_length_ = 0;
    /// Declared size of `input_pos`.
    size_t positions_length_ = 0;
    bool position_vector_ = false;
    /// Whether the third input chooses the first token with logits.
    bool chooses_first_ = false;
    std::vector<int64_t> tokens_;
    std::vector<int64_t> positions_;
    int64_t first_ = 0;

    /// Without a cache: every token so far, fed at each step.
    std::vector<int32_t> sequence_;

    /// Memory for an output that the program did not plan.
    std::vector<std::byte> output_memory_;
    /// Row of the latest output with the logits, in the output's dtype.
    const void* row_ = nullptr;
    /// The first row of the latest `verify`.
    const float* verified_ = nullptr;
    bool converted_ = false;
    std::vector<float> converted_row_;
};

}  // namespace wyvern
