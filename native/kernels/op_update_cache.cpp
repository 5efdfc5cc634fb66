#include <cstring>

#include "arguments.h"
#include "operators.h"
#include "update_cache.h"

namespace wyvern::kernels {

namespace {

/// The common sizes of both update operators, in bytes where a copy needs them.
struct Copy {
    std::int64_t batch;
    std::int64_t tokens;
    std::int64_t slots;
    std::size_t token_bytes;
    const char* from;
    char* to;
};

bool plan_copy(Context& context, const Tensor& value, const Tensor& cache, Copy& copy) {
    if (value.dim() != 4 || cache.dim() != 4) {
        return refuse(context, Error::InvalidArgument, "update_cache: value and cache must have four dimensions");
    }
    if (value.scalar_type() != cache.scalar_type()) {
        return refuse(context, Error::InvalidArgument, "update_cache: value and cache differ in dtype");
    }
    if (value.size(0) != cache.size(0) || value.size(2) != cache.size(2) || value.size(3) != cache.size(3)) {
        return refuse(context, Error::InvalidArgument, "update_cache: value and cache differ in batch, heads or width");
    }
    copy.batch = value.size(0);
    copy.tokens = value.size(1);
    copy.slots = cache.size(1);
    copy.token_bytes = static_cast<std::size_t>(value.size(2)) * static_cast<std::size_t>(value.size(3)) *
                       static_cast<std::size_t>(value.element_size());
    copy.from = static_cast<const char*>(value.const_data_ptr());
    copy.to = static_cast<char*>(cache.mutable_data_ptr());
    return true;
}

}  // namespace

bool copy_into_cache(Context& context, const Tensor& value, const Tensor& cache, std::int64_t start) {
    Copy copy{};
    if (!plan_copy(context, value, cache, copy)) return false;
    if (start < 0 || copy.tokens > copy.slots || start > copy.slots - copy.tokens) {
        return refuse(context, Error::InvalidArgument, "update_cache: the tokens do not fit in the cache from there");
    }
    if (copy.token_bytes == 0 || copy.tokens == 0) return true;
    for (std::int64_t row = 0; row < copy.batch; ++row) {
        std::memmove(copy.to + static_cast<std::size_t>(row * copy.slots + start) * copy.token_bytes,
                     copy.from + static_cast<std::size_t>(row * copy.tokens) * copy.token_bytes,
                     static_cast<std::size_t>(copy.tokens) * copy.token_bytes);
    }
    return true;
}

void update_cache(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* value = arguments.tensor();
    const Tensor* cache = arguments.tensor();
    const std::int64_t start = arguments.integer();
    if (!arguments.ok()) return;
    copy_into_cache(context, *value, *cache, start);
}

void update_cache_with_indices(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* value = arguments.tensor();
    const Tensor* cache = arguments.tensor();
    arguments.integer();
    const Tensor* indices = arguments.tensor();
    if (!arguments.ok()) return;

    Copy copy{};
    if (!plan_copy(context, *value, *cache, copy)) return;
    if (indices->scalar_type() != ScalarType::Long || indices->dim() != 2 || indices->size(0) != copy.batch ||
        indices->size(1) != copy.tokens) {
        refuse(context, Error::InvalidArgument, "update_cache_with_indices: indices must be int64 [batch, tokens]");
        return;
    }
    const auto* slots = static_cast<const std::int64_t*>(indices->const_data_ptr());
    for (std::int64_t i = 0; i < copy.batch * copy.tokens; ++i) {
        if (slots[i] < 0 || slots[i] >= copy.slots) {
            refuse(context, Error::InvalidArgument, "update_cache_with_indices: an index lies outside the cache");
            return;
        }
    }
    if (copy.token_bytes == 0) return;
    for (std::int64_t row = 0; row < copy.batch; ++row) {
        for (std::int64_t token = 0; token < copy.tokens; ++token) {
            const std::int64_t source = row * copy.tokens + token;
            std::memmove(copy.to + static_cast<std::size_t>(row * copy.slots + slots[source]) * copy.token_bytes,
                         copy.from + static_cast<std::size_t>(source) * copy.token_bytes, copy.token_bytes);
        }
    }
}

}  // namespace wyvern::kernels
