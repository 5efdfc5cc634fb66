#include "qnn_static_model.h"

#include <algorithm>
#include <chrono>

namespace wyvern {

namespace {

using executorch::aten::ScalarType;
using executorch::aten::SizesType;
using executorch::extension::from_blob;
using executorch::runtime::EValue;

std::vector<SizesType> tensor_sizes(const std::vector<size_t>& sizes) { return {sizes.begin(), sizes.end()}; }

}  // namespace

bool QnnStaticModel::recognises(Program& program) {
    const StaticMethodNames names = find_static_methods(program);
    return !names.decode.empty() || !names.prefill.empty();
}

QnnStaticModel::QnnStaticModel(std::unique_ptr<Program> program) : program_(std::move(program)) {
    if (program_->has("get_sink_size") || program_->has("get_eviction_batch_size")) {
        not_static_llama("it is made for an attention sink, which needs a second program to evict old tokens");
    }
    if (program_->has("vision_encoder") || program_->has("audio_encoder") || program_->has("tok_embedding")) {
        not_static_llama("it is a multimodal model");
    }
    facts_.contract = Contract::qnn_static_llama;
    const StaticMethodNames names = find_static_methods(*program_);
    const std::string& name = names.decode;
    if (name.empty()) {
        not_static_llama("it has no method that decodes one token (`kv_forward`)");
    }
    decode_ = Method(describe_static_method(*program_, name));
    if (decode_.ar != 1) {
        not_static_llama("`" + name + "` takes " + std::to_string(decode_.ar) +
                         " tokens a call: a lookahead file, which needs its own decoding algorithm");
    }
    if (!decode_.cached) {
        not_static_llama("`" + name + "` takes no KV cache");
    }
    if (!names.prefill.empty()) {
        prefill_ = Method(describe_static_method(*program_, names.prefill));
        if (prefill_->context != decode_.context || prefill_->vocabulary != decode_.vocabulary ||
            prefill_->layers != decode_.layers || prefill_->logits_type != decode_.logits_type) {
            not_static_llama("its two methods differ in context, vocabulary, layers or type of logits");
        }
        for (size_t layer = 0; layer < decode_.layers; ++layer) {
            if (prefill_->keys[layer] != decode_.keys[layer] || prefill_->values[layer] != decode_.values[layer]) {
                not_static_llama("its two methods have KV caches of different shapes");
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

    // Decode has the longest layout of the caches: C - 1 slots.
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

/// Makes the arguments of every call and allocates each output: QNN allocates none.
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
            not_static_llama("output " + std::to_string(index) + " of `" + method.name + "` keeps its own memory");
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
            not_static_llama("its logits are quantised, but it does not say with which scale and zero point");
        }
        logits_scale_ = static_cast<float>(*scale);
        logits_zero_ = *zero;
    }
    if (decode_.window) {
        const auto window = program_->number("get_sliding_window");
        if (!window || *window < 1) {
            not_static_llama("it takes a window mask, but does not say how long the window is");
        }
        window_length_ = static_cast<size_t>(*window);
    }
}

/// Prefill's layout has fewer slots than decode's. Decode feeds the tokens beyond them one by one.
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
        // The caller feeds all tokens again.
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
    // Padding after a short chunk looks its position up in a table of C rows.
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
        // Greedy decoding could use the raw codes, but temperature and top-p need real logits.
        const auto zero = static_cast<int32_t>(logits_zero_);
        for (size_t i = 0; i < count; ++i) {
            converted_row_[i] = static_cast<float>(static_cast<int32_t>(codes[i]) - zero) * logits_scale_;
        }
        converted_ = true;
    }
    return converted_row_;
}

}  // namespace wyvern
