#include "sentencepiece.h"

#include "../failure.h"

namespace wyvern {

namespace {

constexpr std::string_view space_symbol = "\xE2\x96\x81";

}  // namespace

SentencePiece::SentencePiece(std::span<const uint8_t> model_file)
    : model_(PieceModel::parse(model_file)), normalizer_(model_), segmenter_(model_, normalizer_) {
    ids_.reserve(model_.pieces.size());
    for (size_t i = 0; i < model_.pieces.size(); ++i) {
        const Piece& piece = model_.pieces[i];
        ids_.emplace(piece.text, static_cast<int32_t>(i));
        if (piece.kind == PieceKind::byte) {
            byte_ids_[piece.byte] = static_cast<int32_t>(i);
        }
    }
}

int32_t SentencePiece::special(const std::string& piece, PieceKind kind) const {
    const auto found = id(piece);
    return found && model_.pieces[static_cast<size_t>(*found)].kind == kind ? *found : -1;
}

std::optional<int32_t> SentencePiece::id(std::string_view piece) const {
    const auto found = ids_.find(piece);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<int32_t> SentencePiece::encode(std::string_view text) const {
    const std::string normalized = normalizer_.normalize(text);
    std::vector<int32_t> ids;
    bool after_unknown = false;
    for (const Segment& segment : segmenter_.segment(normalized)) {
        const bool unknown = segment.id == Segment::unknown;
        if (unknown && model_.byte_fallback) {
            for (const char byte : segment.text) {
                ids.push_back(byte_ids_[static_cast<uint8_t>(byte)]);
            }
        } else if (!unknown) {
            ids.push_back(segment.id);
        } else if (!after_unknown) {
            // A run of unknown characters is one unknown piece.
            ids.push_back(model_.unk_id);
        }
        after_unknown = unknown;
    }
    return ids;
}

std::string SentencePiece::decode(std::span<const int32_t> ids) const {
    std::string text;
    for (const int32_t id : ids) {
        if (id < 0 || static_cast<size_t>(id) >= model_.pieces.size()) {
            throw Failure(FailureCode::invalid_argument, "Id " + std::to_string(id) + " is none of the tokenizer's " +
                                                             std::to_string(model_.pieces.size()) + ".");
        }
        const Piece& piece = model_.pieces[static_cast<size_t>(id)];
        switch (piece.kind) {
            case PieceKind::control:
                break;
            case PieceKind::unknown:
                text += model_.unk_surface;
                break;
            case PieceKind::byte:
                text += static_cast<char>(piece.byte);
                break;
            case PieceKind::normal:
            case PieceKind::user_defined:
            case PieceKind::unused:
                for (std::string_view rest = piece.text; !rest.empty();) {
                    const bool space = rest.starts_with(space_symbol);
                    text += space ? ' ' : rest.front();
                    rest.remove_prefix(space ? space_symbol.size() : 1);
                }
                break;
        }
    }
    return text;
}

}  // namespace wyvern
