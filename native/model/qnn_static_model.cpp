#include "qnn_static_model.h"

#include <algorithm>
#include <chrono>

namespace wyvern {

namespace {

using executorch::aten::ScalarType;
using executorch::aten::SizesType;
using executorch::extension::from_blob;
using executorch::runtime::EValue;
using executorch::runtime::Tag;

constexpr const char* decode_method = "kv_forward";
constexpr const char* older_decode_method = "forward";
constexpr const char* prefill_method = "prefill_forward";
/// Inputs beside the caches: tokens, mask, positions; one more with a window mask.
constexpr size_t fixed_inputs = 3;
/// No model has more; larger figures come from damaged files and would only allocate.
constexpr size_t largest_context = size_t{1} << 24;

[[noreturn]] void unsupported(const std::string& why) {
    throw Failure(FailureCode::program_unsupported, "The program does not follow QNN's static llama export: " + why + ".");
}

struct TensorShape {
    ScalarType type;
    std::vector<size_t> sizes;
    size_t bytes;
    bool planned;
};

TensorShape shape_of(const executorch::runtime::Result<executorch::runtime::TensorInfo>& info, const std::string& what) {
    if (!info.ok()) {
        unsupported(what + " is not a tensor");
    }
    TensorShape shape{info->scalar_type(), {}, info->nbytes(), info->is_memory_planned()};
    for (const SizesType size : info->sizes()) {
        if (size <= 0 || static_cast<size_t>(size) > largest_context) {
            unsupported(what + " has a size of " + std::to_string(size));
        }
        shape.sizes.push_back(static_cast<size_t>(size));
    }
    return shape;
}

TensorShape input_shape(const executorch::runtime::MethodMeta& meta, const std::string& method, size_t index) {
    const std::string what = "input " + std::to_string(index) + " of `" + method + "`";
    const auto tag = meta.input_tag(index);
    if (!tag.ok() || *tag != Tag::Tensor) {
        unsupported(what + " is not a tensor");
    }
    return shape_of(meta.input_tensor_meta(index), what);
}

TensorShape output_shape(const executorch::runtime::MethodMeta& meta, const std::string& method, size_t index) {
    const std::string what = "output " + std::to_string(index) + " of `" + method + "`";
    const auto tag = meta.output_tag(index);
    if (!tag.ok() || *tag != Tag::Tensor) {
        unsupported(what + " is not a tensor");
    }
    return shape_of(meta.output_tensor_meta(index), what);
}

std::vector<SizesType> tensor_sizes(const std::vector<size_t>& sizes) { return {sizes.begin(), sizes.end()}; }

MaskType mask_type_of(ScalarType type) {
    switch (type) {
        case ScalarType::Byte:
            return MaskType::kUint8;
        case ScalarType::UInt16:
            return MaskType::kUint16;
        case ScalarType::Float:
            return MaskType::kFloat32;
        default:
            unsupported("its attention mask is neither uint8, uint16 nor float32");
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
            unsupported("its KV cache is neither uint8, uint16 nor float32");
    }
}

/// The methods of a program by their names, or by their shapes.
struct MethodNames {
    std::string decode;
    std::string prefill;
};

/// Tokens of one call, if a method has the arguments of this convention: tokens, mask, positions and at least one cache of
/// each kind, and an odd number of outputs.
std::optional<size_t> ar_length(Program& program, const std::string& name) {
    const auto meta = program.meta(name);
    if (meta.num_inputs() < fixed_inputs + 2 || meta.num_outputs() < 3 || meta.num_outputs() % 2 == 0) {
        return std::nullopt;
    }
    const auto tokens = meta.input_tensor_meta(0);
    const auto mask = meta.input_tensor_meta(1);
    if (!tokens.ok() || !mask.ok() || tokens->sizes().size() != 2 || mask->sizes().size() < 3 || tokens->sizes()[1] < 1 ||
        mask->sizes()[mask->sizes().size() - 2] != tokens->sizes()[1]) {
        return std::nullopt;
    }
    return static_cast<size_t>(tokens->sizes()[1]);
}

/// Upstream's names first. A program around a context binary of Qualcomm's own tools has its graphs' names: of those the one
/// that takes a single token decodes, and another prefills.
MethodNames find_methods(Program& program) {
    MethodNames found;
    if (program.has(decode_method) || program.has(prefill_method)) {
        found.decode = program.has(decode_method) ? decode_method : "";
        found.prefill = program.has(prefill_method) ? prefill_method : "";
        if (found.decode.empty() && program.has(older_decode_method)) {
            found.decode = older_decode_method;
        }
        return found;
    }
    if (program.has(older_decode_method)) {
        // Older kv files call their one method as the standard export does, but take the caches as arguments.
        found.decode = program.meta(older_decode_method).num_inputs() > fixed_inputs ? older_decode_method : "";
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

}  // namespace

bool QnnStaticModel::recognises(Program& program) {
    const MethodNames names = find_methods(program);
    return !names.decode.empty() || !names.prefill.empty();
}

QnnStaticModel::QnnStaticModel(std::unique_ptr<Program> program) : program_(std::move(program)) {
    if (program_->has("get_sink_size") || program_->has("get_eviction_batch_size")) {
        unsupported("it is made for an attention sink, which needs a second program to evict old tokens");
    }
    if (program_->has("vision_encoder") || program_->has("audio_encoder") || program_->has("tok_embedding")) {
        unsupported("it is a multimodal model");
    }
    facts_.contract = Contract::qnn_static_llama;
    const MethodNames names = find_methods(*program_);
    const std::string& name = names.decode;
    if (name.empty()) {
        unsupported("it has no method that decodes one token (`kv_forward`)");
    }
    decode_ = describe(name);
    if (decode_.ar != 1) {
        unsupported("`" + name + "` takes " + std::to_string(decode_.ar) +
                    " tokens a call: a lookahead file, which needs its own decoding algorithm");
    }
    if (!decode_.cached) {
        unsupported("`" + name + "` takes no KV cache");
    }
    if (!names.prefill.empty()) {
        prefill_ = describe(names.prefill);
        if (prefill_->context != decode_.context || prefill_->vocabulary != decode_.vocabulary ||
            prefill_->layers != decode_.layers || prefill_->logits_type != decode_.logits_type) {
            unsupported("its two methods differ in context, vocabulary, layers or type of logits");
        }
        for (size_t layer = 0; layer < decode_.layers; ++layer) {
            if (prefill_->keys[layer] != decode_.keys[layer] || prefill_->values[layer] != decode_.values[layer]) {
                unsupported("its two methods have KV caches of different shapes");
            }
        }
    }
    read_metadata();

    facts_.backends = program_->backends(name);
    facts_.vocab_size = decode_.vocabulary;
    facts_.context_length = decode_.context - 1;
    facts_.prefill_length = prefill_ ? std::min(prefill_->ar, facts_.context_length) : 1;
    facts_.kv_cache = true;
    facts_.dynamic_shape = false;
    facts_.logits_dtype = decode_.logits_type == ScalarType::Float ? LogitsDtype::float32 : LogitsDtype::uint16;
    facts_.logits_positions = prefill_ ? LogitsPositions::all : LogitsPositions::last;
    facts_.layers = static_cast<int64_t>(decode_.layers);

    // The longest layout of the caches is decode's, with C - 1 slots.
    slots_ = decode_.slots();
    const size_t longest_ar = prefill_ ? prefill_->ar : 1;
    for (size_t layer = 0; layer < decode_.layers; ++layer) {
        const auto bytes = [](const CacheShape& shape, size_t slots) {
            return shape.heads * shape.head_dim * slots * shape.element_bytes;
        };
        keys_.emplace_back(bytes(decode_.keys[layer], slots_));
        values_.emplace_back(bytes(decode_.values[layer], slots_));
        fresh_keys_.emplace_back(bytes(decode_.keys[layer], longest_ar));
        fresh_values_.emplace_back(bytes(decode_.values[layer], longest_ar));
        facts_.state_bytes += keys_.back().size() + values_.back().size();
    }
    for (Method* method : {prefill_ ? &*prefill_ : nullptr, &decode_}) {
        if (method != nullptr) {
            program_->load(method->name);
            bind(*method);
        }
    }
    facts_.state_bytes += program_->planned_bytes(name);
}

/// Reads a method's shapes and checks that each is what the convention says.
QnnStaticModel::Method QnnStaticModel::describe(const std::string& name) {
    const auto meta = program_->meta(name);
    Method method;
    method.name = name;
    if (meta.num_inputs() < 2 || meta.num_outputs() < 3 || meta.num_outputs() % 2 == 0) {
        unsupported("`" + name + "` takes " + std::to_string(meta.num_inputs()) + " inputs and gives " +
                    std::to_string(meta.num_outputs()) + " outputs");
    }
    method.layers = (meta.num_outputs() - 1) / 2;

    const TensorShape tokens = input_shape(meta, name, 0);
    if (tokens.type == ScalarType::Float || tokens.sizes.size() == 3) {
        unsupported("it takes embeddings instead of tokens, as the text part of a multimodal model does");
    }
    if ((tokens.type != ScalarType::Int && tokens.type != ScalarType::Long) || tokens.sizes.size() != 2 ||
        tokens.sizes[0] != 1) {
        unsupported("the first input of `" + name +
                    "` is not its tokens, int32 or int64 of shape [1, A]. A graph of Qualcomm's own tools must take tokens, "
                    "mask, positions, K caches and V caches in this order, and say get_logits_scale and "
                    "get_logits_zero_point if its logits are quantised");
    }
    method.wide_tokens = tokens.type == ScalarType::Long;
    method.ar = tokens.sizes[1];

    const TensorShape mask = input_shape(meta, name, 1);
    const size_t rank = mask.sizes.size();
    if ((rank != 4 && rank != 3) || mask.sizes[rank - 2] != method.ar || mask.bytes == 0 ||
        !std::all_of(mask.sizes.begin(), mask.sizes.end() - 2, [](size_t size) { return size == 1; })) {
        unsupported("the attention mask of `" + name + "` is not of shape [1, 1, A, C] or [1, A, C]");
    }
    method.context = mask.sizes[rank - 1];
    method.mask_type = mask_type_of(mask.type);
    if (method.context < 2 || method.ar > method.context) {
        unsupported("`" + name + "` takes " + std::to_string(method.ar) + " tokens in a context of " +
                    std::to_string(method.context));
    }
    method.cached = method.ar < method.context;

    const size_t others = meta.num_inputs() - (method.cached ? 2 * method.layers : 0);
    if (meta.num_inputs() < 2 * method.layers && method.cached) {
        unsupported("`" + name + "` does not take a K and a V cache for each of its " +
                    std::to_string(method.layers) + " layers");
    }
    if (method.cached) {
        method.window = others == fixed_inputs + 1;
        if (others != fixed_inputs && !method.window) {
            unsupported("`" + name + "` takes " + std::to_string(others) +
                        " inputs beside its caches, not tokens, mask and positions");
        }
        if (method.window && input_shape(meta, name, 2).sizes != mask.sizes) {
            unsupported("the window mask of `" + name + "` is not shaped like its attention mask");
        }
        const TensorShape positions = input_shape(meta, name, others - 1);
        if (positions.type != ScalarType::Int || positions.sizes != tokens.sizes) {
            unsupported("the positions of `" + name + "` are not int32 of shape [1, A]");
        }
    } else if (others != 2) {
        unsupported("`" + name + "` has no cache but takes " + std::to_string(others) + " inputs");
    }

    const TensorShape logits = output_shape(meta, name, 0);
    if (logits.sizes.size() != 3 || logits.sizes[0] != 1 || logits.sizes[1] != method.ar ||
        (logits.type != ScalarType::UInt16 && logits.type != ScalarType::Float)) {
        unsupported("the logits of `" + name + "` are not uint16 or float32 of shape [1, A, V]");
    }
    method.vocabulary = logits.sizes[2];
    method.logits_type = logits.type;

    for (size_t layer = 0; layer < method.layers; ++layer) {
        const TensorShape fresh_key = output_shape(meta, name, 1 + layer);
        const TensorShape fresh_value = output_shape(meta, name, 1 + method.layers + layer);
        const auto& k = fresh_key.sizes;
        const auto& v = fresh_value.sizes;
        if (k.size() != 4 || v.size() != 4 || k[0] != 1 || v[0] != 1 || k[3] != method.ar || v[2] != method.ar) {
            unsupported("the new K and V of layer " + std::to_string(layer) + " are not [1, H, D, A] and [1, H, A, D]");
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
                unsupported("the caches of layer " + std::to_string(layer) + " do not match what `" + name +
                            "` gives back for them");
            }
        }
        method.keys.push_back(key);
        method.values.push_back(value);
    }
    return method;
}

/// Makes the arguments of every call, and gives each output memory: without it QNN has nowhere to write.
void QnnStaticModel::bind(Method& method) {
    const auto meta = program_->meta(method.name);
    const auto input = [&](size_t index, void* data) {
        const TensorShape shape = input_shape(meta, method.name, index);
        method.tensors.push_back(from_blob(data, tensor_sizes(shape.sizes), shape.type));
        method.arguments.emplace_back(*method.tensors.back());
    };
    const auto output = [&](size_t index, void* data) {
        const TensorShape shape = output_shape(meta, method.name, index);
        method.tensors.push_back(from_blob(data, tensor_sizes(shape.sizes), shape.type));
        if (shape.planned) {
            unsupported("output " + std::to_string(index) + " of `" + method.name + "` keeps its own memory");
        }
        program_->set_output(method.name, index, EValue(*method.tensors.back()));
    };

    method.tokens.resize(method.ar);
    method.positions.resize(method.ar);
    method.mask.resize(method.ar * method.context * mask_element_bytes(method.mask_type));
    method.logits.resize(method.ar * method.vocabulary * (method.logits_type == ScalarType::Float ? 4 : 2));
    size_t index = 0;
    input(index++, method.tokens.data());
    input(index++, method.mask.data());
    if (method.window) {
        method.window_mask.resize(method.mask.size());
        input(index++, method.window_mask.data());
    }
    if (method.cached) {
        input(index++, method.positions.data());
        for (auto& cache : keys_) {
            input(index++, cache.data());
        }
        for (auto& cache : values_) {
            input(index++, cache.data());
        }
    }
    output(0, method.logits.data());
    for (size_t layer = 0; layer < method.layers; ++layer) {
        output(1 + layer, fresh_keys_[layer].data());
        output(1 + method.layers + layer, fresh_values_[layer].data());
    }
}

void QnnStaticModel::read_metadata() {
    if (decode_.logits_type != ScalarType::Float) {
        const auto scale = program_->real("get_logits_scale");
        const auto zero = program_->number("get_logits_zero_point");
        if (!scale || !(*scale > 0) || !zero) {
            unsupported("its logits are quantised, but it does not say with which scale and zero point");
        }
        logits_scale_ = static_cast<float>(*scale);
        logits_zero_ = *zero;
    }
    if (decode_.window) {
        const auto window = program_->number("get_sliding_window");
        if (!window || *window < 1) {
            unsupported("it takes a window mask, but does not say how long the window is");
        }
        window_length_ = static_cast<size_t>(*window);
    }
}

/// Prefill's layout has fewer slots than decode's. Beyond them tokens go one by one.
bool QnnStaticModel::prefill_fits(size_t count) const {
    if (!prefill_ || count > prefill_->ar) {
        return false;
    }
    return prefill_->cached ? position_ + count <= prefill_->slots() : position_ == 0;
}

size_t QnnStaticModel::longest_chunk() const {
    if (!prefill_) {
        return 1;
    }
    const size_t room = prefill_->cached ? prefill_->slots() - std::min(position_, prefill_->slots())
                                         : (position_ == 0 ? facts_.context_length : 0);
    return std::clamp<size_t>(room, 1, facts_.prefill_length);
}

StepTimings QnnStaticModel::prefill(std::span<const int32_t> tokens) {
    if (tokens.size() > 1 && prefill_fits(tokens.size())) {
        return run(*prefill_, tokens);
    }
    const size_t before = position_;
    StepTimings total;
    try {
        for (const int32_t token : tokens) {
            total.add(run(decode_, {&token, 1}));
        }
    } catch (const Failure&) {
        // The caller feeds all of them again.
        position_ = before;
        throw;
    }
    return total;
}

StepTimings QnnStaticModel::decode(int32_t token) { return run(decode_, {&token, 1}); }

void QnnStaticModel::use_layout_of(const Method& method) {
    if (!method.cached || slots_ == method.slots()) {
        return;
    }
    for (size_t layer = 0; layer < method.layers; ++layer) {
        repack_keys(method.keys[layer], keys_[layer].data(), slots_, method.slots(), position_);
        repack_values(method.values[layer], values_[layer].data(), slots_, method.slots(), position_);
    }
    slots_ = method.slots();
}

StepTimings QnnStaticModel::run(Method& method, std::span<const int32_t> tokens) {
    const auto start = std::chrono::steady_clock::now();
    use_layout_of(method);
    const size_t count = tokens.size();
    if (method.wide_tokens) {
        std::fill(std::copy(tokens.begin(), tokens.end(), method.tokens.begin()), method.tokens.end(), 0);
    } else {
        auto* narrow = reinterpret_cast<int32_t*>(method.tokens.data());
        std::fill(std::copy(tokens.begin(), tokens.end(), narrow), narrow + method.ar, 0);
    }
    // Padding behind a short chunk looks its position up in a table of C rows.
    for (size_t i = 0; i < method.ar; ++i) {
        method.positions[i] = static_cast<int32_t>(std::min(position_ + i, method.context - 1));
    }
    fill_mask(method.mask_type, method.mask.data(), method.ar, method.context, position_, 0);
    if (method.window) {
        fill_mask(method.mask_type, method.window_mask.data(), method.ar, method.context, position_, window_length_);
    }

    latest_ = nullptr;
    StepTimings timings;
    program_->execute(method.name, method.arguments, timings);

    for (size_t layer = 0; layer < method.layers; ++layer) {
        append_keys(method.keys[layer], keys_[layer].data(), slots_, fresh_keys_[layer].data(), method.ar, position_, count);
        append_values(method.values[layer], values_[layer].data(), slots_, fresh_values_[layer].data(), method.ar,
                      position_, count);
    }
    position_ += count;
    latest_ = &method;
    latest_row_ = count - 1;
    converted_ = false;
    timings.wall_us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
    return timings;
}

std::span<const float> QnnStaticModel::logits() {
    if (latest_ == nullptr) {
        throw Failure(FailureCode::nothing_to_continue, "There are no logits: the latest step failed.");
    }
    const size_t count = facts_.vocab_size;
    if (latest_->logits_type == ScalarType::Float) {
        return {reinterpret_cast<const float*>(latest_->logits.data()) + latest_row_ * count, count};
    }
    if (!converted_) {
        converted_row_.resize(count);
        const auto* codes = reinterpret_cast<const uint16_t*>(latest_->logits.data()) + latest_row_ * count;
        // Codes alone would do for greedy decoding, but temperature and top-p act on real logits.
        const auto zero = static_cast<int32_t>(logits_zero_);
        for (size_t i = 0; i < count; ++i) {
            converted_row_[i] = static_cast<float>(static_cast<int32_t>(codes[i]) - zero) * logits_scale_;
        }
        converted_ = true;
    }
    return converted_row_;
}

}  // namespace wyvern
