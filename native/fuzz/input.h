#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace wyvern::fuzz {

/// Reads values from the front of libFuzzer's input; returns zeros after its end.
class Input {
 public:
    Input(const uint8_t* data, size_t size) : rest_(data, size) {}

    template <typename T>
    T take() {
        static_assert(std::is_trivially_copyable_v<T>);
        T value{};
        const auto bytes = take_bytes(sizeof(T));
        if (!bytes.empty()) {
            std::memcpy(&value, bytes.data(), bytes.size());
        }
        return value;
    }

    /// Reads a number from `least` to `most`.
    size_t between(size_t least, size_t most) { return least + take<uint16_t>() % (most - least + 1); }

    /// Reads at most `count` bytes.
    std::span<const uint8_t> take_bytes(size_t count) {
        const auto taken = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }

    /// Reads up to `most` values, or fewer if the input ends.
    template <typename T>
    std::vector<T> take_all(size_t most) {
        std::vector<T> values(std::min(most, rest_.size() / sizeof(T)));
        if (!values.empty()) {
            std::memcpy(values.data(), take_bytes(values.size() * sizeof(T)).data(), values.size() * sizeof(T));
        }
        return values;
    }

    std::span<const uint8_t> rest() const { return rest_; }

 private:
    std::span<const uint8_t> rest_;
};

/// Ends the process with a report, as a sanitizer does.
inline void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "Does not hold: %s\n", what);
        std::abort();
    }
}

}  // namespace wyvern::fuzz
