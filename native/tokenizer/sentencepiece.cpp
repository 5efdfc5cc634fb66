#include "sentencepiece.h"

#include <algorithm>

#include "../failure.h"

namespace wyvern {

namespace {

constexpr std::string_view space_symbol = "\xE2\x96\x81";
/// Encoding holds several objects for each byte of normalized text.
constexpr size_t most_normalized = size_t{32} << 20;

std::string_view of(absl::string_view text) { return {text.data(), text.size()}; }

[[noreturn]] void refuse(std::string_view why) {
    if (why.ends_with('.')) {
        why.remove_suffix(1);
    }
    throw Failure(FailureCode::tokenizer_invalid, "SentencePiece does not accept the model: " + std::string(why) + ".");
}

}  // namespace

SentencePiece::SentencePiece(std::span<const uint8_t> model_file) : facts_(check_model(model_file)) {
    // The library writes warnings to standard error; it returns errors as statuses.
    sentencepiece::SetMinLogLevel(static_cast<int>(absl::LogSeverityAtLeast::kInfinity));
    absl::Status status;
    try {
        status =
            processor_.LoadFromSerializedProto({reinterpret_cast<const char*>(model_file.data()), model_file.size()});
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        // The trie's builder throws.
        refuse(error.what());
    }
    if (!status.ok()) {
        refuse(of(status.message()));
    }
    if (facts_.kinds.size() != static_cast<size_t>(size())) {
        refuse("it reads another number of pieces");
    }
}

PieceKind SentencePiece::kind(int32_t id) const {
    // The library does not use a piece whose text is a zero byte.
    return processor_.IsUnused(id) ? PieceKind::unused : facts_.kinds[static_cast<size_t>(id)];
}

std::optional<int32_t> SentencePiece::id(std::string_view piece) const {
    // The library returns the unknown piece's id, or −1, for a missing piece.
    const int32_t id = processor_.PieceToId(piece);
    return id >= 0 && processor_.IdToPiece(id) == piece ? std::optional(id) : std::nullopt;
}

std::vector<int32_t> SentencePiece::encode(std::string_view text) const {
    if (text.size() > most_normalized / facts_.most_growth) {
        check_growth(text);
    }
    std::vector<int> ids;
    if (const absl::Status status = processor_.Encode(text, &ids); !status.ok()) {
        refuse(of(status.message()));
    }
    return ids;
}

/// Normalizes a long text in parts to measure its normalized length: a file's rules may write many bytes for one.
void SentencePiece::check_growth(std::string_view text) const {
    const size_t part = most_normalized / facts_.most_growth;
    size_t length = 0;
    while (!text.empty()) {
        const std::string_view head = text.substr(0, part);
        length += processor_.Normalize(head).size();
        text.remove_prefix(head.size());
        if (length > most_normalized) {
            throw Failure(FailureCode::tokenizer_invalid,
                          "The tokenizer's normalization makes this text longer than 32 MiB.");
        }
    }
}

std::string SentencePiece::decode(std::span<const int32_t> ids) const {
    std::string text;
    for (const int32_t id : ids) {
        if (id < 0 || id >= size()) {
            throw Failure(FailureCode::invalid_argument,
                          "Id " + std::to_string(id) + " is none of the tokenizer's " + std::to_string(size()) + ".");
        }
        std::string_view rest = piece(id);
        switch (kind(id)) {
            case PieceKind::control:
                break;
            case PieceKind::unknown:
                text += facts_.unknown_surface;
                break;
            case PieceKind::byte:
                text += static_cast<char>(std::stoi(std::string(rest.substr(3, 2)), nullptr, 16));
                break;
            case PieceKind::normal:
            case PieceKind::user_defined:
            case PieceKind::unused:
                for (size_t space = rest.find(space_symbol); space != std::string_view::npos;
                     space = rest.find(space_symbol)) {
                    text.append(rest.substr(0, space)) += ' ';
                    rest.remove_prefix(space + space_symbol.size());
                }
                text += rest;
                break;
        }
    }
    return text;
}

}  // namespace wyvern
