#include "naive_attention.h"

#include <cmath>
#include <limits>
#include <vector>

namespace wyvern::kernels {

bool naive_attend(const Attention& a) {
    const auto vector = [&a](const Operand& x, std::int64_t batch, std::int64_t token, std::int64_t head) {
        const std::int64_t index = batch * x.batch_stride + token * x.token_stride + head * x.head_stride;
        return static_cast<const float*>(x.data) + index * a.dim;
    };
    std::vector<float> weights(static_cast<std::size_t>(a.slots));
    for (std::int64_t batch = 0; batch < a.batch; ++batch) {
        for (std::int64_t token = 0; token < a.tokens; ++token) {
            for (std::int64_t head = 0; head < a.query_heads; ++head) {
                const std::int64_t kv_head = head / a.group();
                const std::size_t seen = static_cast<std::size_t>(a.causal ? a.slots - a.tokens + token + 1 : a.slots);
                const float* query = vector(a.query, batch, token, head);
                float most = -std::numeric_limits<float>::infinity();
                for (std::size_t slot = 0; slot < seen; ++slot) {
                    const float* key = vector(a.key, batch, static_cast<std::int64_t>(slot), kv_head);
                    float sum = 0;
                    for (std::int64_t i = 0; i < a.dim; ++i) sum += query[i] * key[i];
                    weights[slot] = sum * a.scale;
                    most = std::fmax(most, weights[slot]);
                }
                float total = 0;
                for (std::size_t slot = 0; slot < seen; ++slot) {
                    weights[slot] = std::exp(weights[slot] - most);
                    total += weights[slot];
                }
                float* out = static_cast<float*>(a.out) + (query - static_cast<const float*>(a.query.data));
                for (std::int64_t i = 0; i < a.dim; ++i) out[i] = 0;
                for (std::size_t slot = 0; slot < seen; ++slot) {
                    const float* value = vector(a.value, batch, static_cast<std::int64_t>(slot), kv_head);
                    for (std::int64_t i = 0; i < a.dim; ++i) out[i] += weights[slot] / total * value[i];
                }
            }
        }
    }
    return true;
}

}  // namespace wyvern::kernels
