#include "attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <memory>

namespace wyvern::kernels {

namespace {

float half_to_float(std::uint16_t bits) {
    const float sign = bits & 0x8000 ? -1.0f : 1.0f;
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
    return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

float at(const Operand& operand, std::int64_t vector, std::int64_t dim, std::int64_t i) {
    switch (operand.element) {
        case Element::float32:
            return static_cast<const float*>(operand.data)[vector * dim + i];
        case Element::float16:
            return half_to_float(static_cast<const std::uint16_t*>(operand.data)[vector * dim + i]);
        case Element::bfloat16: {
            const std::uint32_t bits =
                std::uint32_t{static_cast<const std::uint16_t*>(operand.data)[vector * dim + i]} << 16;
            float value;
            std::memcpy(&value, &bits, sizeof value);
            return value;
        }
        case Element::int8:
            return (static_cast<float>(static_cast<const std::int8_t*>(operand.data)[vector * dim + i]) -
                    static_cast<float>(operand.zero_points[vector])) *
                   operand.scales[vector];
    }
    return 0;
}

}  // namespace

bool attend(const Attention& a) {
    if (a.dim == 0 || a.tokens == 0) return true;
    std::unique_ptr<float[]> weights(new (std::nothrow) float[static_cast<std::size_t>(a.slots + a.dim)]);
    if (!weights) return false;
    float* sums = weights.get() + a.slots;
    const Operand mask{a.mask, a.mask_element, 0, a.mask_stride, 0, nullptr, nullptr};
    for (std::int64_t b = 0; b < a.batch; ++b)
        for (std::int64_t t = 0; t < a.tokens; ++t)
            for (std::int64_t h = 0; h < a.query_heads; ++h) {
                const std::int64_t q = b * a.query.batch_stride + t * a.query.token_stride + h * a.query.head_stride;
                const std::int64_t base = h / a.group();
                const std::int64_t seen = a.causal ? a.slots - a.tokens + t + 1 : a.slots;
                float most = -std::numeric_limits<float>::infinity();
                for (std::int64_t k = 0; k < seen; ++k) {
                    const std::int64_t row =
                        b * a.key.batch_stride + k * a.key.token_stride + base * a.key.head_stride;
                    float sum = 0;
                    for (std::int64_t i = 0; i < a.dim; ++i)
                        sum += at(a.query, q, a.dim, i) * at(a.key, row, a.dim, i);
                    weights[static_cast<std::size_t>(k)] =
                        sum * a.scale + (a.mask ? at(mask, t, a.mask_stride, k) : 0.0f);
                    most = std::max(most, weights[static_cast<std::size_t>(k)]);
                }
                float total = 0;
                std::fill_n(sums, a.dim, 0.0f);
                for (std::int64_t k = 0; most > -INFINITY && k < seen; ++k) {
                    const float weight = std::exp(weights[static_cast<std::size_t>(k)] - most);
                    const std::int64_t row =
                        b * a.value.batch_stride + k * a.value.token_stride + base * a.value.head_stride;
                    total += weight;
                    for (std::int64_t i = 0; i < a.dim; ++i) sums[i] += weight * at(a.value, row, a.dim, i);
                }
                for (std::int64_t i = 0; i < a.dim; ++i) {
                    const float result = total > 0 ? sums[i] / total : 0.0f;
                    if (a.out_element != Element::float32) return false;
                    static_cast<float*>(a.out)[q * a.dim + i] = result;
                }
            }
    return true;
}

}  // namespace wyvern::kernels
