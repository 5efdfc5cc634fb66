#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include <cmath>

#include "arguments.h"
#include "attention.h"
#include "operators.h"
#include "update_cache.h"

namespace wyvern::kernels {

namespace {

/// The common arguments of all three attention operators.
struct Options {
    std::int64_t start = 0;
    const Tensor* mask = nullptr;
    double dropout = 0;
    bool causal = false;
    std::optional<double> scale;
    bool heads_first = false;
};

void read_options(Arguments& arguments, Options& options) {
    options.mask = arguments.optional_tensor();
    options.dropout = arguments.number();
    options.causal = arguments.boolean();
    options.scale = arguments.optional_number();
}

Operand operand_of(const Tensor& tensor, Element element, bool heads_first) {
    Operand operand;
    operand.data = tensor.const_data_ptr();
    operand.element = element;
    operand.batch_stride = static_cast<std::int64_t>(tensor.size(1)) * tensor.size(2);
    operand.token_stride = heads_first ? 1 : tensor.size(2);
    operand.head_stride = heads_first ? tensor.size(2) : 1;
    return operand;
}

/// Checks the shapes, the visible range and the mask: every number that an address depends on.
bool fill_shapes(Context& context, Attention& attention, const Tensor& query, const Tensor& key, const Tensor& value,
                 const Options& options) {
    if (query.dim() != 4 || key.dim() != 4) {
        return refuse(context, Error::InvalidArgument, "sdpa: query, key and value must have four dimensions");
    }
    if (!same_sizes(key, value)) return refuse(context, Error::InvalidArgument, "sdpa: key and value differ in shape");
    const int token_dim = options.heads_first ? 2 : 1;
    const int head_dim = options.heads_first ? 1 : 2;
    attention.batch = query.size(0);
    attention.tokens = query.size(token_dim);
    attention.query_heads = query.size(head_dim);
    attention.kv_heads = key.size(head_dim);
    attention.dim = query.size(3);
    const std::int64_t capacity = key.size(token_dim);
    if (key.size(0) != attention.batch || key.size(3) != attention.dim) {
        return refuse(context, Error::InvalidArgument, "sdpa: query and key differ in batch or head size");
    }
    if (attention.kv_heads == 0 || attention.query_heads % attention.kv_heads != 0) {
        return refuse(context, Error::InvalidArgument, "sdpa: query heads are no multiple of the key's");
    }
    if (options.dropout != 0) return refuse(context, Error::NotSupported, "sdpa: dropout at inference");
    attention.scale =
        options.scale ? static_cast<float>(*options.scale) : 1.0f / std::sqrt(static_cast<float>(attention.dim));
    attention.causal = options.causal;

    if (options.mask == nullptr) {
        if (options.start < 0 || attention.tokens > capacity || options.start > capacity - attention.tokens) {
            return refuse(context, Error::InvalidArgument, "sdpa: the position lies outside the cache");
        }
        attention.slots = options.start + attention.tokens;
        return true;
    }
    if (options.causal) return refuse(context, Error::InvalidArgument, "sdpa: a mask and causality exclude each other");
    // Leading dimensions of size 1 are allowed. A mask that differs between heads or batch rows is not.
    const Tensor& mask = *options.mask;
    const auto rank = mask.dim();
    if (rank < 2 || mask.size(rank - 2) != attention.tokens || mask.size(rank - 1) != capacity ||
        mask.numel() != attention.tokens * capacity) {
        return refuse(context, Error::InvalidArgument, "sdpa: the mask must be [tokens, cache slots]");
    }
    const auto element = floating_element(mask.scalar_type());
    if (!element) return refuse(context, Error::InvalidArgument, "sdpa: the mask must be of floating point");
    attention.mask = mask.const_data_ptr();
    attention.mask_element = *element;
    attention.mask_stride = capacity;
    attention.slots = capacity;
    return true;
}

bool prepare_out(Context& context, Attention& attention, const Tensor& query, const Tensor& out, ScalarType type) {
    if (out.scalar_type() != type) return refuse(context, Error::InvalidArgument, "sdpa: the output has another dtype");
    if (out.dim() != query.dim() || executorch::runtime::resize_tensor(out, query.sizes()) != Error::Ok) {
        return refuse(context, Error::InvalidArgument, "sdpa: the output cannot take the query's shape");
    }
    attention.out = out.mutable_data_ptr();
    attention.out_element = *floating_element(type);
    return attention.out != nullptr || query.numel() == 0 ||
           refuse(context, Error::InvalidArgument, "sdpa: the output has no memory");
}

void run(Context& context, const Attention& attention) {
    if (!attend(attention)) refuse(context, Error::MemoryAllocationFailed, "sdpa: no memory for working buffers");
}

void float_sdpa(Context& context, const Tensor& query, const Tensor& key, const Tensor& value, const Options& options,
                const Tensor& out) {
    const auto element = floating_element(query.scalar_type());
    if (!element || key.scalar_type() != query.scalar_type() || value.scalar_type() != query.scalar_type()) {
        refuse(context, Error::InvalidArgument, "sdpa: query, key and value must be of one floating point dtype");
        return;
    }
    Attention attention;
    if (!fill_shapes(context, attention, query, key, value, options)) return;
    if (!prepare_out(context, attention, query, out, query.scalar_type())) return;
    attention.query = operand_of(query, *element, false);
    attention.key = operand_of(key, *element, false);
    attention.value = operand_of(value, *element, false);
    run(context, attention);
}

/// An int8 operand with its scales and zero points, which must be `[…the operand's, 1]`.
bool quantized_operand(Context& context, Operand& operand, const Tensor& tensor, const Tensor* zero_points,
                       const Tensor* scales, bool heads_first) {
    if (zero_points == nullptr || scales == nullptr) {
        return refuse(context, Error::InvalidArgument, "quantized sdpa: scales and zero points are needed");
    }
    if (tensor.scalar_type() != ScalarType::Char || zero_points->scalar_type() != ScalarType::Char ||
        scales->scalar_type() != ScalarType::Float) {
        return refuse(context, Error::InvalidArgument, "quantized sdpa: int8 values, int8 zero points, float32 scales");
    }
    if (zero_points->dim() != 4 || !same_sizes(*zero_points, *scales) || scales->size(3) != 1 ||
        scales->size(0) != tensor.size(0) || scales->size(1) != tensor.size(1) || scales->size(2) != tensor.size(2)) {
        return refuse(context, Error::InvalidArgument, "quantized sdpa: one scale and zero point for each vector");
    }
    operand = operand_of(tensor, Element::int8, heads_first);
    operand.scales = static_cast<const float*>(scales->const_data_ptr());
    operand.zero_points = static_cast<const std::int8_t*>(zero_points->const_data_ptr());
    return true;
}

}  // namespace

void custom_sdpa(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* query = arguments.tensor();
    const Tensor* key = arguments.tensor();
    const Tensor* value = arguments.tensor();
    Options options;
    options.start = arguments.integer();
    read_options(arguments, options);
    const Tensor* out = arguments.tensor();
    if (arguments.ok()) float_sdpa(context, *query, *key, *value, options, *out);
}

void sdpa_with_kv_cache(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* query = arguments.tensor();
    const Tensor* key = arguments.tensor();
    const Tensor* value = arguments.tensor();
    const Tensor* key_cache = arguments.tensor();
    const Tensor* value_cache = arguments.tensor();
    Options options;
    options.start = arguments.integer();
    const std::int64_t tokens = arguments.integer();
    read_options(arguments, options);
    const Tensor* out = arguments.tensor();
    if (!arguments.ok()) return;
    if (query->dim() != 4 || !same_sizes(*key, *value) || key->dim() != 4 || query->size(1) != tokens ||
        key->size(1) != tokens || !same_sizes(*key_cache, *value_cache)) {
        refuse(context, Error::InvalidArgument, "sdpa_with_kv_cache: query, key, value and caches disagree");
        return;
    }
    if (!copy_into_cache(context, *key, *key_cache, options.start)) return;
    if (!copy_into_cache(context, *value, *value_cache, options.start)) return;
    float_sdpa(context, *query, *key_cache, *value_cache, options, *out);
}

void custom_quantized_sdpa(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* query = arguments.tensor();
    const Tensor* key = arguments.tensor();
    const Tensor* value = arguments.tensor();
    Options options;
    options.start = arguments.integer();
    read_options(arguments, options);
    const Tensor* query_zero_points = arguments.optional_tensor();
    const Tensor* query_scales = arguments.optional_tensor();
    const Tensor* key_zero_points = arguments.optional_tensor();
    const Tensor* key_scales = arguments.optional_tensor();
    const Tensor* value_zero_points = arguments.optional_tensor();
    const Tensor* value_scales = arguments.optional_tensor();
    options.heads_first = arguments.boolean();
    const Tensor* out = arguments.tensor();
    if (!arguments.ok()) return;

    Attention attention;
    const bool first = options.heads_first;
    if (!fill_shapes(context, attention, *query, *key, *value, options)) return;
    if (!quantized_operand(context, attention.query, *query, query_zero_points, query_scales, first)) return;
    if (!quantized_operand(context, attention.key, *key, key_zero_points, key_scales, first)) return;
    if (!quantized_operand(context, attention.value, *value, value_zero_points, value_scales, first)) return;
    if (!prepare_out(context, attention, *query, *out, ScalarType::Float)) return;
    run(context, attention);
}

}  // namespace wyvern::kernels
