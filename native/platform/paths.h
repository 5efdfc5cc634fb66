/// \file
/// Paths in the addon are UTF-8; the system's own encoding may differ (UTF-16 on Windows).
#pragma once

#include <filesystem>
#include <string>

namespace wyvern {

inline std::filesystem::path path_of(const std::string& utf8) {
    return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
}

inline std::string utf8_of(const std::filesystem::path& path) {
    const std::u8string utf8 = path.u8string();
    return {utf8.begin(), utf8.end()};
}

}  // namespace wyvern
