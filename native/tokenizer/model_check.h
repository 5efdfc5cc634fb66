#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wyvern {

enum class PieceKind : uint8_t { normal, unknown, control, user_defined, unused, byte };

/// Facts of a SentencePiece model that Wyvern needs and the library does not return.
struct TokenizerFacts {
    /// Indexed by id.
    std::vector<PieceKind> kinds;
    /// The normalizer puts a space before the first word.
    bool adds_dummy_prefix = true;
    /// Text of the unknown piece in decoded text.
    std::string unknown_surface = " \xE2\x81\x87 ";
    /// Most bytes that normalization can write for one byte of text.
    size_t most_growth = 3;
};

/// Checks a model file before SentencePiece parses it: the structure of the file, and the sizes that decide how much
/// memory, stack and time the library takes. The library checks the rest when it loads the model.
///
/// Format: `ModelProto` of sentencepiece_model.proto (google/sentencepiece 0.2.3).
/// Throws `tokenizer-invalid`.
TokenizerFacts check_model(std::span<const uint8_t> file);

}  // namespace wyvern
