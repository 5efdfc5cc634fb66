/// \file
/// Paths in the addon are UTF-8; the system's own encoding may differ (UTF-16 on Windows).
#pragma once

#include <filesystem>
#include <string>

namespace wyvern {

inline std::filesystem::path path_of(const std::string& utf8) {
    std::filesystem::path path(std::u8string(utf8.begin(), utf8.end()));
#ifdef _WIN32
    // Windows takes a longer path only in this form, and reads it letter by letter.
    constexpr size_t longest_plain = 247;
    const std::wstring text = path.lexically_normal().make_preferred().native();
    if (text.size() > longest_plain && path.is_absolute() && !text.starts_with(LR"(\\?\)") &&
        !text.starts_with(LR"(\\.\)")) {
        return text.starts_with(LR"(\\)") ? LR"(\\?\UNC\)" + text.substr(2) : LR"(\\?\)" + text;
    }
#endif
    return path;
}

inline std::string utf8_of(const std::filesystem::path& path) {
    const std::u8string utf8 = path.u8string();
    return {utf8.begin(), utf8.end()};
}

}  // namespace wyvern
