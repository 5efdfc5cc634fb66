#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wyvern {

enum class PieceKind { normal, unknown, control, user_defined, byte, unused };

struct Piece {
    std::string text;
    float score = 0;
    PieceKind kind = PieceKind::normal;
    /// What a piece of kind `byte` stands for.
    uint8_t byte = 0;
};

/// A SentencePiece model file, checked: `ModelProto` of sentencepiece_model.proto (google/sentencepiece 0.2.3), as far
/// as encoding and decoding need it.
struct PieceModel {
    enum class Algorithm { unigram, bpe };

    std::vector<Piece> pieces;
    Algorithm algorithm = Algorithm::unigram;
    bool byte_fallback = false;
    bool whitespace_as_suffix = false;
    std::string unk_piece = "<unk>";
    std::string bos_piece = "<s>";
    std::string eos_piece = "</s>";
    std::string pad_piece = "<pad>";
    /// What an unknown piece looks like in decoded text.
    std::string unk_surface = " \xE2\x81\x87 ";

    std::string precompiled_charsmap;
    bool add_dummy_prefix = true;
    bool remove_extra_whitespaces = true;
    bool escape_whitespaces = true;

    /// Id of the one unknown piece; −1 only with byte fallback.
    int32_t unk_id = -1;

    /// Parses and checks a file's bytes; throws `tokenizer-invalid`. Memory and time are bounded by the size of the
    /// file, which itself is bounded.
    static PieceModel parse(std::span<const uint8_t> bytes);
};

}  // namespace wyvern
