#pragma once

#include <cstdint>

#include "narrow_float.h"

namespace wyvern::kernels {

enum class Element : std::uint8_t { float32, float16, bfloat16, int8 };

/// Returns the i-th element as a float; for int8, the stored number.
inline float read_element(const void* data, Element element, std::int64_t i) {
    switch (element) {
        case Element::float16:
            return half_to_float(static_cast<const std::uint16_t*>(data)[i]);
        case Element::bfloat16:
            return bfloat_to_float(static_cast<const std::uint16_t*>(data)[i]);
        case Element::int8:
            return static_cast<float>(static_cast<const std::int8_t*>(data)[i]);
        case Element::float32:
            break;
    }
    return static_cast<const float*>(data)[i];
}

/// Writes the i-th element of a floating point type, rounded to nearest.
inline void write_element(void* data, Element element, std::int64_t i, float value) {
    if (element == Element::float16) {
        static_cast<std::uint16_t*>(data)[i] = float_to_half(value);
    } else if (element == Element::bfloat16) {
        static_cast<std::uint16_t*>(data)[i] = float_to_bfloat(value);
    } else {
        static_cast<float*>(data)[i] = value;
    }
}

}  // namespace wyvern::kernels
