#pragma once

#include <executorch/extension/tensor/tensor.h>

#include <cstddef>
#include <vector>

#include "language_model.h"
#include "program.h"

namespace wyvern {

/// The embedding of a multimodal export, as its own method:
///
///   token_embedding(tokens int64 [1, S]) → float32 [1, S, H]
///
/// Its results go to `text_decoder`, which the encoders of images and sounds feed too.
/// Format: `extension/llm/runner/constants.h` of pytorch/executorch 1.5, which names the methods.
class TokenEmbedding {
 public:
    static constexpr const char* method = "token_embedding";

    /// Loads the method. Throws `program-unsupported` if it is of another form.
    explicit TokenEmbedding(Program& program);

    /// Most tokens of one call.
    size_t longest_call() const { return longest_call_; }
    /// H.
    size_t width() const { return width_; }

    /// Whether a call may have this many tokens.
    bool accepts(size_t tokens);

    /// Embeds tokens and adds the time to `timings`. The result is valid until the next call.
    executorch::runtime::EValue embed(const executorch::runtime::EValue& tokens, StepTimings& timings);

 private:
    Program& program_;
    size_t longest_call_ = 0;
    size_t width_ = 0;
    /// Memory for a result that the program did not plan.
    std::vector<std::byte> memory_;
};

}  // namespace wyvern
