#include "llama_model.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace wyvern {

namespace {

using executorch::aten::ScalarType;
using executorch::extension::from_blob;
using executorch::runtime::EValue;

constexpr const char* method = "forward";
/// No model holds more. A larger figure comes from a damaged file and would waste memory.
constexpr int64_t largest_context = int64_t{1} << 24;

[[noreturn]] void unsupported(const std::string& why) {
    throw Failure(FailureCode::program_unsupported,
                  "The program does not follow upstream's standard LLM export: " + why + ".");
}

std::vector<size_t> sizes_of(const executorch::runtime::TensorInfo& info) {
    std::vector<size_t> sizes;
    for (const int32_t size : info.sizes()) {
        if (size <= 0) {
            unsupported("a tensor of `forward` has a size of " + std::to_string(size));
        }
        sizes.push_back(static_cast<size_t>(size));
    }
    return sizes;
}

executorch::runtime::TensorInfo input_info(const executorch::runtime::MethodMeta& meta, size_t index) {
    // The runtime returns an error for an argument that is not a tensor.
    const auto info = meta.input_tensor_meta(index);
    if (!info.ok() || info->scalar_type() != ScalarType::Long) {
        unsupported("input " + std::to_string(index) + " of `forward` is not an int64 tensor");
    }
    return *info;
}

LogitsDtype logits_dtype(ScalarType type) {
    switch (type) {
        case ScalarType::Float:
            return LogitsDtype::float32;
        case ScalarType::Half:
            return LogitsDtype::float16;
        case ScalarType::BFloat16:
            return LogitsDtype::bfloat16;
        default:
            unsupported("its logits are neither float32, float16 nor bfloat16");
    }
}

size_t bytes_of(LogitsDtype dtype) { return dtype == LogitsDtype::float32 ? 4 : 2; }

}  // namespace

LlamaModel::LlamaModel(std::unique_ptr<Program> program) : program_(std::move(program)) {
    facts_.contract = Contract::llama;
    read_inputs();
    read_output();
    facts_.backends = program_->backends(method);
    facts_.state_bytes = program_->planned_bytes(method);
    program_->load(method);

    // The runtime knows whether a shape is dynamic; the metadata only holds the exporter's options.
    tokens_.resize(declared_length_);
    const auto one_token = from_blob(tokens_.data(), {1, 1}, ScalarType::Long);
    facts_.dynamic_shape = declared_length_ > 1 && program_->accepts(method, 0, EValue(*one_token));
    if (facts_.kv_cache && !facts_.dynamic_shape && declared_length_ > 1) {
        unsupported("with a KV cache and a fixed shape it must take one token a call, not " +
                    std::to_string(declared_length_));
    }
    if (!facts_.kv_cache && !facts_.dynamic_shape && declared_length_ > 1 &&
        facts_.logits_positions == LogitsPositions::last) {
        unsupported("with a fixed shape and no KV cache it must give the logits of every position");
    }
    read_metadata();
    positions_.resize(position_vector_ ? facts_.prefill_length : 1);
    sequence_.reserve(facts_.kv_cache ? 0 : facts_.context_length);

    if (const auto output = program_->meta(method).output_tensor_meta(0); !output->is_memory_planned()) {
        output_memory_.resize(output->nbytes());
        const auto sizes = output->sizes();
        const auto tensor = from_blob(output_memory_.data(), {sizes.begin(), sizes.end()}, output->scalar_type());
        program_->set_output(method, 0, EValue(*tensor));
    }
}

void LlamaModel::read_inputs() {
    const auto meta = program_->meta(method);
    if (meta.num_inputs() == 0 || meta.num_inputs() > 2) {
        unsupported("`forward` takes " + std::to_string(meta.num_inputs()) +
                    " inputs, and only tokens and a position are known");
    }
    const auto tokens = sizes_of(input_info(meta, 0));
    if (tokens.size() != 2 || tokens[0] != 1) {
        unsupported("the tokens are not of shape [1, S]");
    }
    if (tokens[1] > static_cast<size_t>(largest_context)) {
        unsupported("one call takes " + std::to_string(tokens[1]) + " tokens");
    }
    declared_length_ = tokens[1];
    facts_.kv_cache = meta.num_inputs() == 2;
    if (facts_.kv_cache) {
        const auto position = sizes_of(input_info(meta, 1));
        if (position.size() != 1) {
            unsupported("the position is not of shape [1] or [S]");
        }
        position_vector_ = position[0] > 1;
    }
}

void LlamaModel::read_output() {
    const auto info = program_->meta(method).output_tensor_meta(0);
    if (!info.ok()) {
        unsupported("`forward` gives no tensor");
    }
    const auto sizes = sizes_of(*info);
    if ((sizes.size() != 2 && sizes.size() != 3) || sizes[0] != 1) {
        unsupported("the logits are neither of shape [1, V] nor [1, S, V]");
    }
    facts_.vocab_size = sizes.back();
    facts_.logits_dtype = logits_dtype(info->scalar_type());
    const bool all = sizes.size() == 3 && sizes[1] > 1;
    if (all && sizes[1] != declared_length_) {
        unsupported("the logits have " + std::to_string(sizes[1]) + " positions for " +
                    std::to_string(declared_length_) + " tokens");
    }
    facts_.logits_positions = all ? LogitsPositions::all : LogitsPositions::last;
}

void LlamaModel::read_metadata() {
    const auto positive = [&](const char* name) -> std::optional<int64_t> {
        const auto value = program_->number(name);
        if (value && (*value < 1 || *value > largest_context)) {
            throw Failure(FailureCode::program_invalid,
                          std::string("The program's `") + name + "` is " + std::to_string(*value) + ".");
        }
        return value;
    };
    const auto longest_call = positive("get_max_seq_len");
    const auto capacity = positive("get_max_context_len");
    if (facts_.kv_cache) {
        // Without metadata, use the declared bound; upstream's exporter sets it to one less than the capacity.
        const auto known = capacity ? capacity : longest_call;
        facts_.context_length = known ? static_cast<size_t>(*known) : declared_length_;
        const size_t longest = program_->recycles_slots() ? (declared_length_ + 1) / 2 : declared_length_;
        facts_.prefill_length = std::min(longest, facts_.context_length);
    } else {
        facts_.context_length = declared_length_;
        facts_.prefill_length = declared_length_;
    }
    facts_.layers = program_->number("get_n_layers");
    facts_.bos_id = program_->number("get_bos_id");
    if (auto ids = program_->numbers("get_eos_ids")) {
        facts_.eos_ids = std::move(*ids);
    } else if (const auto id = program_->number("get_eos_id")) {
        facts_.eos_ids = {*id};
    }
}

StepTimings LlamaModel::prefill(std::span<const int32_t> tokens) { return feed(tokens); }

StepTimings LlamaModel::decode(int32_t token) { return feed({&token, 1}); }

StepTimings LlamaModel::feed(std::span<const int32_t> tokens) {
    StepTimings timings;
    if (facts_.kv_cache) {
        std::copy(tokens.begin(), tokens.end(), tokens_.begin());
        timings = run(tokens.size(), tokens.size() - 1);
    } else {
        sequence_.resize(position_);
        sequence_.insert(sequence_.end(), tokens.begin(), tokens.end());
        std::copy(sequence_.begin(), sequence_.end(), tokens_.begin());
        const size_t length = facts_.dynamic_shape ? sequence_.size() : declared_length_;
        std::fill(tokens_.begin() + static_cast<ptrdiff_t>(sequence_.size()), tokens_.end(), 0);
        timings = run(length, sequence_.size() - 1);
    }
    position_ += tokens.size();
    return timings;
}

/// Runs the first `length` of `tokens_` and keeps the logits after token `last`.
StepTimings LlamaModel::run(size_t length, size_t last) {
    using executorch::aten::SizesType;
    const auto tokens = from_blob(tokens_.data(), {1, static_cast<SizesType>(length)}, ScalarType::Long);
    std::vector<EValue> inputs{EValue(*tokens)};
    executorch::extension::TensorPtr position;
    if (facts_.kv_cache) {
        const size_t positions = position_vector_ ? length : 1;
        std::iota(positions_.begin(), positions_.begin() + static_cast<ptrdiff_t>(positions),
                  static_cast<int64_t>(position_));
        position = from_blob(positions_.data(), {static_cast<SizesType>(positions)}, ScalarType::Long);
        inputs.emplace_back(*position);
    }
    StepTimings timings;
    row_ = nullptr;
    const auto outputs = program_->execute(method, inputs, timings);
    const auto& logits = outputs.at(0).toTensor();
    const size_t rows = static_cast<size_t>(logits.numel()) / facts_.vocab_size;
    const size_t row = rows == 1 ? 0 : last;
    if (row >= rows) {
        throw Failure(FailureCode::execution_failed, "The program gave logits for " + std::to_string(rows) +
                                                         " positions instead of " + std::to_string(length) + ".");
    }
    row_ = static_cast<const std::byte*>(logits.const_data_ptr()) +
           row * facts_.vocab_size * bytes_of(facts_.logits_dtype);
    converted_ = false;
    return timings;
}

std::span<const float> LlamaModel::logits() {
    if (row_ == nullptr) {
        throw Failure(FailureCode::nothing_to_continue, "There are no logits: the latest step failed.");
    }
    const size_t count = facts_.vocab_size;
    if (facts_.logits_dtype == LogitsDtype::float32) {
        return {static_cast<const float*>(row_), count};
    }
    if (!converted_) {
        converted_row_.resize(count);
        if (facts_.logits_dtype == LogitsDtype::float16) {
            const auto* values = static_cast<const executorch::aten::Half*>(row_);
            std::copy(values, values + count, converted_row_.begin());
        } else {
            const auto* values = static_cast<const executorch::aten::BFloat16*>(row_);
            std::copy(values, values + count, converted_row_.begin());
        }
        converted_ = true;
    }
    return converted_row_;
}

bool LlamaModel::can_seek(size_t position) const {
    return !program_->recycles_slots() || position == 0 || position + 1 >= position_;
}

void LlamaModel::seek(size_t position) { position_ = position; }

}  // namespace wyvern
