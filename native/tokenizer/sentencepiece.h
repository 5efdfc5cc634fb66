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

/// Release of google/sentencepiece that is linked.
inline constexpr const char* sentencepiece_version = WYVERN_SENTENCEPIECE_VERSION;

/// A SentencePiece tokenizer: the library behind a check of the file. Immutable, so safe to share between threads.
class SentencePiece {
 public:
    /// Throws `tokenizer-invalid`.
    explicit SentencePiece(std::span<const uint8_t> model_file);
    SentencePiece(const SentencePiece&) = delete;
    SentencePiece& operator=(const SentencePiece&) = delete;

    int32_t size() const { return processor_.GetPieceSize(); }
    bool adds_dummy_prefix() const { return facts_.adds_dummy_prefix; }

    // −1 where the model has none.
    int32_t bos_id() const { return processor_.bos_id(); }
    int32_t eos_id() const { return processor_.eos_id(); }
    int32_t pad_id() const { return processor_.pad_id(); }
    int32_t unk_id() const { return processor_.unk_id(); }

    /// Ids of plain text; no control id is ever among them. `text` may be any bytes.
    /// Throws `tokenizer-invalid` if the text becomes longer than 32 MiB when it is normalized.
    std::vector<int32_t> encode(std::string_view text) const;

    /// Bytes of pieces, joined: `▁` is a space, a byte piece is its byte, a control piece is empty. Unlike the
    /// library's own decoding it keeps the leading space and incomplete characters, so pieces can be decoded one by
    /// one. Throws `invalid-argument` for an id that is none.
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
