#include "rotation.h"

#include <cmath>

namespace wyvern {

void Rotation::row(size_t position, std::span<float> cos, std::span<float> sin) const {
    for (size_t i = 0; i < inverse_frequencies.size(); ++i) {
        const double angle = static_cast<double>(position) * inverse_frequencies[i];
        cos[i] = static_cast<float>(std::cos(angle) * scale);
        sin[i] = static_cast<float>(std::sin(angle) * scale);
    }
}

}  // namespace wyvern
