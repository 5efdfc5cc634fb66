#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace wyvern {

/// Bytes of the character that starts with `lead`, from that byte alone; 1 for a stray continuation byte.
constexpr size_t utf8_length(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    if (byte < 0xC0) {
        return 1;
    }
    return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// Bytes of the well-formed character (RFC 3629) at the start of `text`, or 0.
constexpr size_t well_formed_length(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = at(0);
    if (lead < 0x80) {
        return 1;
    }
    const size_t length = utf8_length(text[0]);
    if (lead < 0xC2 || lead > 0xF4 || length > text.size()) {
        return 0;
    }
    for (size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    const unsigned char second = at(1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool too_high = lead == 0xF4 && second > 0x8F;
    return overlong || surrogate || too_high ? 0 : length;
}

constexpr bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const size_t length = well_formed_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace wyvern
