#include "normalizer.h"

#include "../failure.h"
#include "utf8.h"

namespace wyvern {

namespace {

constexpr std::string_view space_symbol = "\xE2\x96\x81";
constexpr std::string_view replacement_character = "\xEF\xBF\xBD";
constexpr size_t unit_bytes = 4;
constexpr size_t units_per_block = 256;

uint32_t little_endian(std::string_view bytes) {
    uint32_t value = 0;
    for (size_t i = unit_bytes; i > 0; --i) {
        value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
    }
    return value;
}

// A unit of Darts-clone's double array.
uint32_t offset_of(uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }
uint32_t label_of(uint32_t unit) { return unit & ((1U << 31) | 0xFF); }
bool has_leaf(uint32_t unit) { return ((unit >> 8) & 1) == 1; }
uint32_t value_of(uint32_t unit) { return unit & ((1U << 31) - 1); }

}  // namespace

Normalizer::Normalizer(const PieceModel& model) : model_(model) {
    std::vector<std::pair<std::string_view, int32_t>> symbols;
    for (size_t id = 0; id < model.pieces.size(); ++id) {
        if (model.pieces[id].kind == PieceKind::user_defined) {
            symbols.emplace_back(model.pieces[id].text, static_cast<int32_t>(id));
        }
    }
    symbols_ = PieceTrie(std::move(symbols));
    if (!model.precompiled_charsmap.empty()) {
        read_charsmap(model.precompiled_charsmap);
    }
}

void Normalizer::read_charsmap(std::string_view charsmap) {
    const size_t size = charsmap.size() < unit_bytes ? 0 : little_endian(charsmap);
    constexpr size_t block_bytes = unit_bytes * units_per_block;
    if (size == 0 || size % block_bytes != 0 || size >= charsmap.size() - unit_bytes || charsmap.back() != '\0') {
        throw Failure(FailureCode::tokenizer_invalid, "The SentencePiece model's normalization rules are damaged.");
    }
    charsmap.remove_prefix(unit_bytes);
    units_.reserve(size / unit_bytes);
    for (size_t i = 0; i < size; i += unit_bytes) {
        units_.push_back(little_endian(charsmap.substr(i, unit_bytes)));
    }
    replacements_ = charsmap.substr(size);
}

/// The longest rule that `text` starts with; nothing consumed if there is none. Damaged units end the search.
Normalizer::Replaced Normalizer::apply_rules(std::string_view text) const {
    Replaced longest{{}, 0};
    if (units_.empty()) {
        return longest;
    }
    uint32_t node = offset_of(units_[0]);
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<uint8_t>(text[i]);
        node ^= byte;
        if (node >= units_.size() || label_of(units_[node]) != byte) {
            break;
        }
        const uint32_t unit = units_[node];
        node ^= offset_of(unit);
        if (node >= units_.size()) {
            break;
        }
        if (has_leaf(unit)) {
            const uint32_t value = value_of(units_[node]);
            if (value < replacements_.size()) {
                // The last replacement ends with a zero byte, so this always finds one.
                const std::string_view rest = replacements_.substr(value);
                longest = {rest.substr(0, rest.find('\0')), i + 1};
            }
        }
    }
    return longest;
}

Normalizer::Replaced Normalizer::replace_prefix(std::string_view text) const {
    if (const size_t length = symbol_length(text); length > 0) {
        return {text.substr(0, length), length};
    }
    if (const Replaced rule = apply_rules(text); rule.consumed > 0) {
        return rule;
    }
    const size_t length = well_formed_length(text);
    return length > 0 ? Replaced{text.substr(0, length), length} : Replaced{replacement_character, 1};
}

std::string Normalizer::normalize(std::string_view text) const {
    const std::string_view space = model_.escape_whitespaces ? space_symbol : " ";
    const bool tidy = model_.remove_extra_whitespaces;
    while (tidy && !text.empty()) {
        const Replaced head = replace_prefix(text);
        if (head.by != " ") {
            break;
        }
        text.remove_prefix(head.consumed);
    }
    std::string result;
    if (text.empty()) {
        return result;
    }
    result.reserve(text.size() + text.size() / 2);
    if (model_.add_dummy_prefix && !model_.whitespace_as_suffix) {
        result += space;
    }
    bool after_space = tidy;
    while (!text.empty()) {
        Replaced head = replace_prefix(text);
        text.remove_prefix(head.consumed);
        while (after_space && head.by.starts_with(' ')) {
            head.by.remove_prefix(1);
        }
        if (!head.by.empty()) {
            for (const char byte : head.by) {
                if (byte == ' ') {
                    result += space;
                } else {
                    result += byte;
                }
            }
            after_space = head.by.ends_with(' ');
        }
        after_space = after_space && tidy;
    }
    while (tidy && std::string_view(result).ends_with(space)) {
        result.erase(result.size() - space.size());
    }
    if (model_.add_dummy_prefix && model_.whitespace_as_suffix) {
        result += space;
    }
    return result;
}

}  // namespace wyvern
