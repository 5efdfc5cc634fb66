#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// One call whose instructions are counted. `make` prepares its data and returns the call.
struct Case {
    std::string_view name;
    /// Bytes of the vectors that the code uses on x86-64: 32 if it has AVX2 kernels or copies with the C library, 16 if
    /// it is compiled for every processor.
    int x86_vector_bytes;
    std::function<std::function<void()>()> make;
};

/// Attention and cache updates, in the default model's shape: 9 query heads over 3 heads of 64.
std::vector<Case> attention_cases();

/// Linear layers: decode (a vector) and prefill (128 vectors) over several block types, and one row of an embedding.
std::vector<Case> linear_cases();

/// The operations between linear layers, for one row or one head, and the delta rule.
std::vector<Case> row_cases();

/// SentencePiece over the evaluation's text. `checkout` is the project's folder.
std::vector<Case> tokenizer_cases(const std::string& checkout);
