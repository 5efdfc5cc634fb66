#include "qnn_static_method.h"

#include <algorithm>
#include <optional>

namespace wyvern {

namespace {

using executorch::aten::ScalarType;
using executorch::aten::SizesType;

constexpr const char* decode_method = "kv_forward";
constexpr const char* older_decode_method = "forward";
constexpr const char* prefill_method = "prefill_forward";
/// Number of inputs besides the caches: tokens, mask, positions; one more with a window mask.
constexpr size_t fixed_inputs = 3;
/// No model has more. Larger figures come from damaged files and would waste memory.
constexpr size_t largest_context = size_t{1} << 24;

/// @param info an error if the argument is missing or not a tensor
TensorShape shape_of(const executorch::runtime::Result<executorch::runtime::TensorInfo>& info, const std::string& what) {
    if (!info.ok()) {
        not_static_llama(what + " is not a tensor");
    }
    TensorShape shape{info->scalar_type(), {}, info->nbytes(), info->is_memory_planned()};
    for (const SizesType size : info->sizes()) {
        if (size <= 0 || static_cast<size_t>(size) > largest_context) {
            not_static_llama(what + " has a size of " + std::to_string(size));
        }
        shape.sizes.push_back(static_cast<size_t>(size));
    }
    return shape;
}

MaskType mask_type_of(ScalarType type) {
    switch (type) {
        case ScalarType::Byte:
            return MaskType::kUint8;
        case ScalarType::UInt16:
            return MaskType::kUint16;
        case ScalarType::Float:
            return MaskType::kFloat32;
        default:
            not_static_llama("its attention mask is neither uint8, uint16 nor float32");
    }
}

size_t cache_element_bytes(ScalarType type) {
    switch (type) {
        case ScalarType::Byte:
            return 1;
        case ScalarType::UInt16:
            return 2;
        case ScalarType::Float:
            return 4;
        default:
            not_static_llama("its KV cache is neither uint8, uint16 nor float32");
    }
}

/// Tokens of one call if input 1 is their mask, `[…, A, C]`.
std::optional<size_t> masked_tokens(const executorch::runtime::MethodMeta& meta) {
    const auto tokens = meta.input_tensor_meta(0);
    const auto mask = meta.input_tensor_meta(1);
    if (!tokens.ok() || !mask.ok() || tokens->sizes().size() < 2 || mask->sizes().size() < 3 || tokens->sizes()[1] < 1 ||
        mask->sizes()[mask->sizes().size() - 2] != tokens->sizes()[1]) {
        return std::nullopt;
    }
    return static_cast<size_t>(tokens->sizes()[1]);
}

/// Whether an output after the logits has the shape of an input after the mask: the method returns whole caches.
bool returns_inputs(const executorch::runtime::MethodMeta& meta) {
    for (size_t output = 1; output < meta.num_outputs(); ++output) {
        const auto given = meta.output_tensor_meta(output);
        for (size_t input = 2; given.ok() && input < meta.num_inputs(); ++input) {
            const auto taken = meta.input_tensor_meta(input);
            if (taken.ok() && std::ranges::equal(given->sizes(), taken->sizes())) {
                return true;
            }
        }
    }
    return false;
}

/// Whether `forward` is the decode method of an older kv file. Such a file names it like the standard export, but takes
/// caches and a mask, and returns only new keys and values. Other programs that take caches are none of these.
/// `refuseExternalCache` in `main/models/preflight.ts` decides by the same facts.
bool is_older_decode(Program& program) {
    const auto meta = program.meta(older_decode_method);
    if (meta.num_inputs() <= fixed_inputs) {
        return false;
    }
    const auto backends = program.backends(older_decode_method);
    return std::ranges::find(backends, "QnnBackend") != backends.end() || (masked_tokens(meta) && !returns_inputs(meta));
}

/// Tokens of one call, if the method follows this convention: tokens, mask, positions, at least one cache of each kind,
/// and an odd number of outputs.
std::optional<size_t> ar_length(Program& program, const std::string& name) {
    const auto meta = program.meta(name);
    if (meta.num_inputs() < fixed_inputs + 2 || meta.num_outputs() < 3 || meta.num_outputs() % 2 == 0) {
        return std::nullopt;
    }
    const auto tokens = meta.input_tensor_meta(0);
    return tokens.ok() && tokens->sizes().size() == 2 ? masked_tokens(meta) : std::nullopt;
}

}  // namespace

void not_static_llama(const std::string& why) {
    throw Failure(FailureCode::program_unsupported, "The program does not follow QNN's static llama export: " + why + ".");
}

TensorShape input_shape(const executorch::runtime::MethodMeta& meta, const std::string& method, size_t index) {
    return shape_of(meta.input_tensor_meta(index), "input " + std::to_string(index) + " of `" + method + "`");
}

TensorShape output_shape(const executorch::runtime::MethodMeta& meta, const std::string& method, size_t index) {
    return shape_of(meta.output_tensor_meta(index), "output " + std::to_string(index) + " of `" + method + "`");
}

StaticMethodNames find_static_methods(Program& program) {
    StaticMethodNames found;
    if (program.has(decode_method) || program.has(prefill_method)) {
        found.decode = program.has(decode_method) ? decode_method : "";
        found.prefill = program.has(prefill_method) ? prefill_method : "";
        if (found.decode.empty() && program.has(older_decode_method)) {
            found.decode = older_decode_method;
        }
        return found;
    }
    if (program.has(older_decode_method)) {
        found.decode = is_older_decode(program) ? older_decode_method : "";
        return found;
    }
    for (const std::string& name : program.methods()) {
        if (const auto ar = ar_length(program, name)) {
            std::string& place = *ar == 1 ? found.decode : found.prefill;
            if (place.empty()) {
                place = name;
            }
        }
    }
    return found;
}

StaticMethod describe_static_method(Program& program, const std::string& name) {
    const auto meta = program.meta(name);
    StaticMethod method;
    method.name = name;
    if (meta.num_inputs() < 2 || meta.num_outputs() < 3 || meta.num_outputs() % 2 == 0) {
        not_static_llama("`" + name + "` takes " + std::to_string(meta.num_inputs()) + " inputs and gives " +
                         std::to_string(meta.num_outputs()) + " outputs");
    }
    method.layers = (meta.num_outputs() - 1) / 2;

    const TensorShape tokens = input_shape(meta, name, 0);
    if (tokens.type == ScalarType::Float || tokens.sizes.size() == 3) {
        not_static_llama("it takes embeddings instead of tokens, as the text part of a multimodal model does");
    }
    if ((tokens.type != ScalarType::Int && tokens.type != ScalarType::Long) || tokens.sizes.size() != 2 ||
        tokens.sizes[0] != 1) {
        not_static_llama("the first input of `" + name +
                         "` is not its tokens, int32 or int64 of shape [1, A]. A graph of Qualcomm's own tools must take "
                         "tokens, mask, positions, K caches and V caches in this order, and say get_logits_scale and "
                         "get_logits_zero_point if its logits are quantised");
    }
    method.wide_tokens = tokens.type == ScalarType::Long;
    method.ar = tokens.sizes[1];

    const TensorShape mask = input_shape(meta, name, 1);
    const size_t rank = mask.sizes.size();
    if ((rank != 4 && rank != 3) || mask.sizes[rank - 2] != method.ar || mask.bytes == 0 ||
        !std::all_of(mask.sizes.begin(), mask.sizes.end() - 2, [](size_t size) { return size == 1; })) {
        not_static_llama("the attention mask of `" + name + "` is not of shape [1, 1, A, C] or [1, A, C]");
    }
    method.context = mask.sizes[rank - 1];
    method.mask_type = mask_type_of(mask.type);
    if (method.context < 2 || method.ar > method.context) {
        not_static_llama("`" + name + "` takes " + std::to_string(method.ar) + " tokens in a context of " +
                         std::to_string(method.context));
    }
    method.cached = method.ar < method.context;

    const size_t others = meta.num_inputs() - (method.cached ? 2 * method.layers : 0);
    if (meta.num_inputs() < 2 * method.layers && method.cached) {
        not_static_llama("`" + name + "` does not take a K and a V cache for each of its " +
                         std::to_string(method.layers) + " layers");
    }
    if (method.cached) {
        method.window = others == fixed_inputs + 1;
        if (others != fixed_inputs && !method.window) {
            not_static_llama("`" + name + "` takes " + std::to_string(others) +
                             " inputs beside its caches, not tokens, mask and positions");
        }
        if (method.window && input_shape(meta, name, 2).sizes != mask.sizes) {
            not_static_llama("the window mask of `" + name + "` is not shaped like its attention mask");
        }
        const TensorShape positions = input_shape(meta, name, others - 1);
        if (positions.type != ScalarType::Int || positions.sizes != tokens.sizes) {
            not_static_llama("the positions of `" + name + "` are not int32 of shape [1, A]");
        }
    } else if (others != 2) {
        not_static_llama("`" + name + "` has no cache but takes " + std::to_string(others) + " inputs");
    }

    const TensorShape logits = output_shape(meta, name, 0);
    if (logits.sizes.size() != 3 || logits.sizes[0] != 1 || logits.sizes[1] != method.ar ||
        (logits.type != ScalarType::UInt16 && logits.type != ScalarType::Float)) {
        not_static_llama("the logits of `" + name + "` are not uint16 or float32 of shape [1, A, V]");
    }
    method.vocabulary = logits.sizes[2];
    method.logits_type = logits.type;

    for (size_t layer = 0; layer < method.layers; ++layer) {
        const TensorShape fresh_key = output_shape(meta, name, 1 + layer);
        const TensorShape fresh_value = output_shape(meta, name, 1 + method.layers + layer);
        const auto& k = fresh_key.sizes;
        const auto& v = fresh_value.sizes;
        if (k.size() != 4 || v.size() != 4 || k[0] != 1 || v[0] != 1 || k[3] != method.ar || v[2] != method.ar) {
            not_static_llama("the new K and V of layer " + std::to_string(layer) + " are not [1, H, D, A] and [1, H, A, D]");
        }
        const CacheShape key{k[1], k[2], cache_element_bytes(fresh_key.type)};
        const CacheShape value{v[1], v[3], cache_element_bytes(fresh_value.type)};
        if (method.cached) {
            const TensorShape key_cache = input_shape(meta, name, others + layer);
            const TensorShape value_cache = input_shape(meta, name, others + method.layers + layer);
            const size_t slots = method.slots();
            if (key_cache.type != fresh_key.type || value_cache.type != fresh_value.type ||
                key_cache.sizes != std::vector<size_t>{1, key.heads, key.head_dim, slots} ||
                value_cache.sizes != std::vector<size_t>{1, value.heads, slots, value.head_dim}) {
                not_static_llama("the caches of layer " + std::to_string(layer) + " do not match what `" + name +
                                 "` gives back for them");
            }
        }
        method.keys.push_back(key);
        method.values.push_back(value);
    }
    return method;
}

}  // namespace wyvern
