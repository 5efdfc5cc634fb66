#include "model_check.h"

#include <algorithm>
#include <cmath>

#include "wire_format.h"

namespace wyvern {

namespace {

// Limits far above those of published models.
constexpr size_t largest_file = size_t{64} << 20;
constexpr size_t most_pieces = 1'000'000;
/// The library builds its trie with a recursion as deep as the longest piece, and may read this far at each byte of
/// text.
constexpr size_t longest_piece = 1024;
/// The builder of the trie holds several objects for each byte of piece text.
constexpr size_t most_piece_text = size_t{16} << 20;
/// Each element of a list costs an object, even if it is empty.
constexpr size_t most_elements = 262'144;
/// NFKC needs 33 bytes for U+FDFA.
constexpr size_t longest_replacement = 64;
constexpr size_t longest_surface = 1024;

[[noreturn]] void refuse(const std::string& why) {
    throw Failure(FailureCode::tokenizer_invalid, "The SentencePiece model is not valid: " + why + ".");
}

class ModelCheck {
 public:
    TokenizerFacts run(std::span<const uint8_t> file) {
        if (file.size() > largest_file) {
            refuse("it is larger than 64 MiB");
        }
        WireReader reader(file);
        while (const auto field = reader.next()) {
            switch (field->number) {
                case 1:
                    check_piece(WireReader(field->message()));
                    break;
                case 2:
                    check_trainer(WireReader(field->message()));
                    break;
                case 3:
                    check_normalizer(WireReader(field->message()));
                    break;
                case 4:
                    check_samples(WireReader(field->message()));
                    break;
                default:
                    break;
            }
        }
        if (facts_.kinds.empty()) {
            refuse("it has no pieces");
        }
        return facts_;
    }

 private:
    /// `ModelProto.SentencePiece`. The last value of a repeated field counts, so this checks each value.
    void check_piece(WireReader reader) {
        const std::string name = "piece " + std::to_string(facts_.kinds.size());
        if (facts_.kinds.size() == most_pieces) {
            refuse("it has more than a million pieces");
        }
        PieceKind kind = PieceKind::normal;
        size_t length = 0;
        while (const auto field = reader.next()) {
            switch (field->number) {
                case 1:
                    length = field->message().size();
                    piece_text_ += length;
                    break;
                case 2:
                    if (!std::isfinite(field->single())) {
                        refuse(name + " has no finite score");
                    }
                    break;
                case 3:
                    if (field->number_value() < 1 || field->number_value() > 6) {
                        refuse(name + " is of an unknown type");
                    }
                    kind = static_cast<PieceKind>(field->number_value() - 1);
                    break;
                default:
                    break;
            }
        }
        if (length == 0 || length > longest_piece) {
            refuse(name + " is empty or longer than 1024 bytes");
        }
        if (piece_text_ > most_piece_text) {
            refuse("its pieces have more than 16 MiB of text");
        }
        facts_.kinds.push_back(kind);
    }

    /// `TrainerSpec`: most of it describes how the model was made.
    void check_trainer(WireReader reader) {
        while (const auto field = reader.next()) {
            switch (field->number) {
                case 3:
                    if (field->number_value() != 1 && field->number_value() != 2) {
                        refuse("only unigram and BPE models are supported");
                    }
                    break;
                case 44:
                    if (field->message().size() > longest_surface) {
                        refuse("the text of its unknown piece is longer than 1024 bytes");
                    }
                    facts_.unknown_surface = field->text();
                    break;
                default:
                    count_element();
            }
        }
    }

    /// `NormalizerSpec`.
    void check_normalizer(WireReader reader) {
        while (const auto field = reader.next()) {
            switch (field->number) {
                case 2:
                    check_charsmap(field->message());
                    break;
                case 3:
                    facts_.adds_dummy_prefix = field->boolean();
                    break;
                default:
                    break;
            }
        }
    }

    /// Rules of normalization: bytes of the trie (u32, little-endian), the trie, and replacements that a zero byte
    /// ends. The library checks the trie. It copies a replacement for each match, so a long one could fill the memory.
    void check_charsmap(std::span<const uint8_t> charsmap) {
        size_t trie = 0;
        for (size_t i = std::min(charsmap.size(), sizeof(uint32_t)); i > 0; --i) {
            trie = trie << 8 | charsmap[i - 1];
        }
        if (charsmap.empty()) {
            return;
        }
        if (charsmap.size() <= sizeof(uint32_t) || trie >= charsmap.size() - sizeof(uint32_t)) {
            refuse("its normalization rules are cut short");
        }
        size_t length = 0;
        for (const uint8_t byte : charsmap.subspan(sizeof(uint32_t) + trie)) {
            length = byte == 0 ? 0 : length + 1;
            if (length > longest_replacement) {
                refuse("one of its normalization rules writes more than 64 bytes");
            }
            // Each byte may be a space, which becomes the three bytes of its symbol.
            facts_.most_growth = std::max(facts_.most_growth, 3 * length);
        }
    }

    /// `SelfTestData`: one field for each sample.
    void check_samples(WireReader reader) {
        while (reader.next()) {
            count_element();
        }
    }

    void count_element() {
        if (++elements_ > most_elements) {
            refuse("it lists more than 262144 things beside its pieces");
        }
    }

    TokenizerFacts facts_;
    size_t piece_text_ = 0;
    size_t elements_ = 0;
};

}  // namespace

TokenizerFacts check_model(std::span<const uint8_t> file) { return ModelCheck().run(file); }

}  // namespace wyvern
