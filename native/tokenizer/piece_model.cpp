#include "piece_model.h"

#include <charconv>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "utf8.h"
#include "wire_format.h"

namespace wyvern {

namespace {

constexpr size_t largest_file = size_t{64} << 20;
constexpr size_t most_pieces = 1'000'000;
/// Upstream's own limit.
constexpr size_t longest_piece = 8000;

[[noreturn]] void refuse(const std::string& why) {
    throw Failure(FailureCode::tokenizer_invalid, "The SentencePiece model cannot be used: " + why + ".");
}

PieceKind kind_of(uint64_t type) {
    switch (type) {
        case 1:
            return PieceKind::normal;
        case 2:
            return PieceKind::unknown;
        case 3:
            return PieceKind::control;
        case 4:
            return PieceKind::user_defined;
        case 5:
            return PieceKind::unused;
        case 6:
            return PieceKind::byte;
        default:
            refuse("a piece is of an unknown type");
    }
}

/// The byte of a piece like `<0x0A>`.
uint8_t byte_of(std::string_view text) {
    unsigned value = 0;
    const bool framed = text.size() == 6 && text.starts_with("<0x") && text.ends_with('>');
    if (!framed || std::from_chars(text.data() + 3, text.data() + 5, value, 16).ptr != text.data() + 5) {
        refuse("a byte piece is not of the form <0xHH>");
    }
    return static_cast<uint8_t>(value);
}

Piece read_piece(WireReader reader) {
    Piece piece;
    while (const auto field = reader.next()) {
        switch (field->number) {
            case 1:
                piece.text = field->text();
                break;
            case 2:
                piece.score = field->single();
                break;
            case 3:
                piece.kind = kind_of(field->number_value());
                break;
            default:
                break;
        }
    }
    return piece;
}

void read_trainer(WireReader reader, PieceModel& model) {
    const auto set_unless_empty = [](std::string& target, std::string text) {
        if (!text.empty()) {
            target = std::move(text);
        }
    };
    while (const auto field = reader.next()) {
        switch (field->number) {
            case 3:
                if (field->number_value() != 1 && field->number_value() != 2) {
                    refuse("only unigram and BPE models are supported");
                }
                model.algorithm = field->value == 1 ? PieceModel::Algorithm::unigram : PieceModel::Algorithm::bpe;
                break;
            case 24:
                model.whitespace_as_suffix = field->boolean();
                break;
            case 35:
                model.byte_fallback = field->boolean();
                break;
            case 44:
                model.unk_surface = field->text();
                break;
            case 45:
                set_unless_empty(model.unk_piece, field->text());
                break;
            case 46:
                set_unless_empty(model.bos_piece, field->text());
                break;
            case 47:
                set_unless_empty(model.eos_piece, field->text());
                break;
            case 48:
                set_unless_empty(model.pad_piece, field->text());
                break;
            default:
                break;
        }
    }
}

void read_normalizer(WireReader reader, PieceModel& model) {
    while (const auto field = reader.next()) {
        switch (field->number) {
            case 2:
                model.precompiled_charsmap = field->text();
                break;
            case 3:
                model.add_dummy_prefix = field->boolean();
                break;
            case 4:
                model.remove_extra_whitespaces = field->boolean();
                break;
            case 5:
                model.escape_whitespaces = field->boolean();
                break;
            default:
                break;
        }
    }
}

/// Upstream's own conditions, and finite scores.
void check_pieces(PieceModel& model) {
    std::unordered_set<std::string_view> seen;
    size_t bytes = 0;
    for (size_t id = 0; id < model.pieces.size(); ++id) {
        Piece& piece = model.pieces[id];
        const std::string name = "piece " + std::to_string(id);
        const bool placeholder = piece.kind == PieceKind::unused && piece.text == std::string_view("\0", 1);
        if (piece.text.empty() || piece.text.size() >= longest_piece ||
            (!placeholder && piece.text.find('\0') != std::string::npos) || !is_utf8(piece.text)) {
            refuse(name + " is empty, too long or not UTF-8");
        }
        if (!std::isfinite(piece.score)) {
            refuse(name + " has no finite score");
        }
        if (!placeholder && !seen.insert(piece.text).second) {
            refuse(name + " repeats an earlier one");
        }
        if (piece.kind == PieceKind::unknown) {
            if (model.unk_id >= 0) {
                refuse("there are two unknown pieces");
            }
            model.unk_id = static_cast<int32_t>(id);
        }
        if (piece.kind == PieceKind::byte) {
            piece.byte = byte_of(piece.text);
            ++bytes;
        }
    }
    if (model.unk_id < 0 && !model.byte_fallback) {
        refuse("it has no unknown piece");
    }
    // Pieces are unique, so 256 of them are all bytes.
    if (bytes != (model.byte_fallback ? 256 : 0)) {
        refuse("its byte pieces are incomplete, or there are some without byte fallback");
    }
}

}  // namespace

PieceModel PieceModel::parse(std::span<const uint8_t> bytes) {
    if (bytes.size() > largest_file) {
        refuse("it is larger than 64 MiB");
    }
    PieceModel model;
    WireReader reader(bytes);
    while (const auto field = reader.next()) {
        switch (field->number) {
            case 1:
                if (model.pieces.size() == most_pieces) {
                    refuse("it has more than a million pieces");
                }
                model.pieces.push_back(read_piece(WireReader(field->message())));
                break;
            case 2:
                read_trainer(WireReader(field->message()), model);
                break;
            case 3:
                read_normalizer(WireReader(field->message()), model);
                break;
            default:
                break;
        }
    }
    if (model.pieces.empty()) {
        refuse("it has no pieces");
    }
    check_pieces(model);
    return model;
}

}  // namespace wyvern
