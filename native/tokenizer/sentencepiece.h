#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model_check.h"
#include "sentencepiece_processor.h"

namespace wyvern {

/// The linked release of google/sentencepiece.
inline constexpr const char* sentencepiece_version = WYVERN_SENTENCEPIECE_VERSION;

/// A SentencePiece tokenizer: the library, behind a check of the file. It is immutable, so threads can share it.
class SentencePiece {
 public:
    /// Throws `tokenizer-invalid`.
    explicit SentencePiece(std::span<const uint8_t> model_file);
    SentencePiece(const SentencePiece&) = delete;
    SentencePiece& operator=(const SentencePiece&) = delete;

    int32_t size() const { return processor_.GetPieceSize(); }
    bool adds_dummy_prefix() const { return facts_.adds_dummy_prefix; }

    // −1 if the model has none.
    int32_t bos_id() const { return processor_.bos_id(); }
    int32_t eos_id() const { return processor_.eos_id(); }
    int32_t pad_id() const { return processor_.pad_id(); }
    int32_t unk_id() const { return processor_.unk_id(); }

    /// Returns the ids of plain text, never a control id. `text` may be any bytes. Throws `tokenizer-invalid` if the
    /// normalized text is longer than 32 MiB.
    std::vector<int32_t> encode(std::string_view text) const;

    /// Joins the bytes of pieces: `▁` is a space, a byte piece is its byte, a control piece is empty. Unlike the
    /// library's own decoding, it keeps the leading space and incomplete characters, so you can decode pieces one by
    /// one. Throws `invalid-argument` for an unknown id.
    std::string decode(std::span<const int32_t> ids) const;

    /// Both take an id below `size()`.
    const std::string& piece(int32_t id) const { return processor_.IdToPiece(id); }
    PieceKind kind(int32_t id) const;

    std::optional<int32_t> id(std::string_view piece) const;

 private:
    void check_growth(std::string_view text) const;

    TokenizerFacts facts_;
    sentencepiece::SentencePieceProcessor processor_;
};

}  // namespace wyvern
