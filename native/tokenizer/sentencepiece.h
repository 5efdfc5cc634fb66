#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "normalizer.h"
#include "piece_model.h"
#include "segmenter.h"

namespace wyvern {

/// Release of google/sentencepiece whose ids this agrees with.
inline constexpr const char* sentencepiece_version = "0.2.3";

/// A SentencePiece tokenizer. Written for this app and not linked: upstream 0.2.3 needs Abseil and Protocol Buffers
/// fetched from git at build time, and earlier releases, which carry their own, crash on crafted files. Immutable, so
/// safe to share between threads.
class SentencePiece {
 public:
    /// Throws `tokenizer-invalid`.
    explicit SentencePiece(std::span<const uint8_t> model_file);
    SentencePiece(const SentencePiece&) = delete;
    SentencePiece& operator=(const SentencePiece&) = delete;

    const std::vector<Piece>& pieces() const { return model_.pieces; }
    bool adds_dummy_prefix() const { return model_.add_dummy_prefix; }

    // −1 where the model has none.
    int32_t bos_id() const { return special(model_.bos_piece, PieceKind::control); }
    int32_t eos_id() const { return special(model_.eos_piece, PieceKind::control); }
    int32_t pad_id() const { return special(model_.pad_piece, PieceKind::control); }
    int32_t unk_id() const { return special(model_.unk_piece, PieceKind::unknown); }

    /// Ids of plain text; no control id is ever among them. `text` may be any bytes.
    std::vector<int32_t> encode(std::string_view text) const;

    /// Text of pieces; bytes may end inside a character. Throws `invalid-argument` for an id that is none.
    std::string decode(std::span<const int32_t> ids) const;

    std::optional<int32_t> id(std::string_view piece) const;

 private:
    int32_t special(const std::string& piece, PieceKind kind) const;

    PieceModel model_;
    Normalizer normalizer_;
    Segmenter segmenter_;
    std::unordered_map<std::string_view, int32_t> ids_;
    std::array<int32_t, 256> byte_ids_{};
};

}  // namespace wyvern
