#include "llama_model.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace wyvern {

namespace {

using executorch::aten::ScalarType;
using executorch::extension::from_blob;
using executorch::runtime::EValue;

constexpr const char* whole = "forward";
constexpr const char* text_part = "text_decoder";
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
            unsupported("a tensor has a size of " + std::to_string(size));
        }
        sizes.push_back(static_cast<size_t>(size));
    }
    return sizes;
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

bool LlamaModel::recognises(const Program& program) {
    return program.has(whole) || (program.has(text_part) && program.has(TokenEmbedding::method));
}

LlamaModel::LlamaModel(std::unique_ptr<Program> program)
    : program_(std::move(program)), method_(program_->has(whole) ? whole : text_part) {
    facts_.contract = Contract::llama;
    if (method_ == text_part) {
        embedding_.emplace(*program_);
    }
    read_inputs();
    read_output();
    facts_.backends = program_->backends(method_);
    facts_.state_bytes = program_->planned_bytes(method_);
    program_->load(method_);

    // The runtime knows whether a shape is dynamic; the metadata only holds the exporter's options.
    tokens_.resize(declared_length_);
    facts_.dynamic_shape = declared_length_ > 1 && accepts_one_token();
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

    if (const auto output = program_->meta(method_).output_tensor_meta(0); !output->is_memory_planned()) {
        output_memory_.resize(output->nbytes());
        const auto sizes = output->sizes();
        const auto tensor = from_blob(output_memory_.data(), {sizes.begin(), sizes.end()}, output->scalar_type());
        program_->set_output(method_, 0, EValue(*tensor));
    }
    find_state();
}

bool LlamaModel::accepts_one_token() {
    if (!embedding_) {
        const auto one = from_blob(tokens_.data(), {1, 1}, ScalarType::Long);
        return program_->accepts(method_, token_input_, EValue(*one));
    }
    std::vector<float> memory(embedding_->width());
    const auto width = static_cast<executorch::aten::SizesType>(memory.size());
    const auto one = from_blob(memory.data(), {1, 1, width}, ScalarType::Float);
    return embedding_->accepts(1) && program_->accepts(method_, token_input_, EValue(*one));
}

/// Decides whether the program keeps state beside its KV cache. The names of its operators prove that some programs do,
/// and its memory that others do not. For the rest, its own results decide, at the cost of six tokens: a wrong answer
/// would spoil texts without a trace.
void LlamaModel::find_state() {
    if (program_->kept_state() != KeptState::caches) {
        program_->remember(method_);
        facts_.keeps_state = program_->kept_state() == KeptState::more || !repeats();
        program_->restore(method_);
    }
    // Without a cache, a step feeds the whole sequence from the beginning.
    facts_.rewinds = !facts_.kv_cache || (!facts_.keeps_state && !program_->recycles_slots());
    // Rejected tokens of a draft are rewound.
    if (!facts_.rewinds || !facts_.dynamic_shape) {
        facts_.verify_length = 1;
    }
}

/// Whether a token has the same logits, bit for bit, after the model went back and read it again. Other logits may also
/// come from a backend that does not repeat its sums; such a model is only slower if it never goes back. A ring cannot
/// go back, so its results prove nothing.
bool LlamaModel::repeats() {
    // State shows in the token right after it. A model that keeps its last inputs keeps two to four of them.
    constexpr size_t before = 4;
    if (program_->recycles_slots() || facts_.context_length <= before) {
        return false;
    }
    const auto feed_token = [&](size_t index) {
        const auto token = static_cast<int32_t>(index % facts_.vocab_size);
        feed({&token, 1});
        const auto row = logits();
        return std::vector<float>(row.begin(), row.end());
    };
    while (position_ < before) {
        feed_token(position_);
    }
    const auto first = feed_token(before);
    position_ = before;
    const auto second = feed_token(before);
    position_ = 0;
    return std::memcmp(first.data(), second.data(), first.size() * sizeof(float)) == 0;
}

void LlamaModel::read_inputs() {
    const auto meta = program_->meta(method_);
    for (size_t index = 1; meta.num_inputs() > 2 && index < meta.num_inputs(); ++index) {
        const auto info = meta.input_tensor_meta(index);
        if (info.ok() && info->sizes().size() > 2) {
            unsupported("`" + method_ + "` keeps no KV cache and takes it as inputs, of which it has " +
                        std::to_string(meta.num_inputs()) + ", a form that upstream has not settled yet");
        }
    }
    chooses_first_ = meta.num_inputs() == 3 && !embedding_;
    if (meta.num_inputs() == 0 || (meta.num_inputs() > 2 && !chooses_first_)) {
        unsupported("`" + method_ + "` takes " + std::to_string(meta.num_inputs()) +
                    " inputs, and only tokens and a position are known");
    }
    facts_.kv_cache = meta.num_inputs() > 1;
    if (chooses_first_) {
        const auto info = meta.input_tensor_meta(2);
        if (!info.ok() || info->scalar_type() != ScalarType::Long || sizes_of(*info) != std::vector<size_t>{1}) {
            unsupported("input 2 of `" + method_ + "` is not int64 of shape [1]");
        }
    }
    for (size_t index = 0; index < std::min<size_t>(meta.num_inputs(), 2); ++index) {
        // The runtime returns an error for an argument that is not a tensor.
        const auto info = meta.input_tensor_meta(index);
        if (!info.ok() || (info->scalar_type() != ScalarType::Long && info->scalar_type() != ScalarType::Float)) {
            unsupported("input " + std::to_string(index) + " of `" + method_ +
                        "` is neither an int64 nor a float32 tensor");
        }
        if (info->sizes().size() > 1) {
            read_tokens(*info);
            token_input_ = index;
        } else {
            read_positions(*info);
        }
    }
    if (declared_length_ == 0 || (facts_.kv_cache && positions_length_ == 0)) {
        unsupported("`" + method_ + "` takes no tokens, or two inputs of one kind");
    }
    position_vector_ = positions_length_ > 1;
}

/// The tokens or their embedding.
void LlamaModel::read_tokens(const executorch::runtime::TensorInfo& info) {
    const auto sizes = sizes_of(info);
    const bool right = embedding_ ? sizes.size() == 3 && info.scalar_type() == ScalarType::Float
                                  : sizes.size() == 2 && info.scalar_type() == ScalarType::Long;
    if (!right || sizes[0] != 1 || declared_length_ != 0) {
        unsupported(embedding_ ? "the embedded tokens are not float32 of shape [1, S, H]"
                               : "the tokens are not int64 of shape [1, S]");
    }
    if (sizes[1] > static_cast<size_t>(largest_context)) {
        unsupported("one call takes " + std::to_string(sizes[1]) + " tokens");
    }
    declared_length_ = sizes[1];
    if (embedding_) {
        if (sizes[2] != embedding_->width()) {
            unsupported("`text_decoder` and `token_embedding` differ in width");
        }
        declared_length_ = std::min(declared_length_, embedding_->longest_call());
    }
}

void LlamaModel::read_positions(const executorch::runtime::TensorInfo& info) {
    const auto sizes = sizes_of(info);
    if (sizes.size() != 1 || info.scalar_type() != ScalarType::Long || positions_length_ != 0) {
        unsupported("the position is not int64 of shape [1] or [S]");
    }
    positions_length_ = sizes[0];
}

void LlamaModel::read_output() {
    const auto info = program_->meta(method_).output_tensor_meta(0);
    if (!info.ok()) {
        unsupported("`" + method_ + "` gives no tensor");
    }
    const auto sizes = sizes_of(*info);
    if ((sizes.size() != 2 && sizes.size() != 3) || sizes[0] != 1) {
        unsupported("the logits are neither of shape [1, V] nor [1, S, V]");
    }
    facts_.vocab_size = sizes.back();
    facts_.logits_dtype = logits_dtype(info->scalar_type());
    const bool all = sizes.size() == 3 && sizes[1] > 1;
    if (chooses_first_) {
        if (sizes.size() != 3 || sizes[1] > declared_length_ || facts_.logits_dtype != LogitsDtype::float32) {
            unsupported("the logits of chosen tokens are not float32 of shape [1, S, V]");
        }
        facts_.logits_positions = LogitsPositions::chosen;
        facts_.verify_length = sizes[1];
        return;
    }
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
        // optimum-executorch gives a cache in plain operators as many slots as the window. The next position fails.
        const auto window = program_->number("sliding_window").value_or(0);
        if (window > 0 && !program_->recycles_slots() && program_->kept_state() == KeptState::caches) {
            facts_.context_length = std::min(facts_.context_length, static_cast<size_t>(window));
        }
        const size_t longest = program_->recycles_slots() ? (declared_length_ + 1) / 2 : declared_length_;
        facts_.prefill_length = std::min(longest, facts_.context_length);
    } else {
        facts_.context_length = declared_length_;
        facts_.prefill_length = declared_length_;
    }
    facts_.layers = program_->number("get_n_layers");
    facts_.bos_id = program_->number("get_bos_id");
    // optimum-executorch's `get_eos_id` has several values if the model's configuration has.
    if (auto ids = program_->numbers("get_eos_ids")) {
        facts_.eos_ids = std::move(*ids);
    } else if (auto one = program_->numbers("get_eos_id")) {
        facts_.eos_ids = std::move(*one);
    }
}

StepTimings LlamaModel::prefill(std::span<const int32_t> tokens) { return feed(tokens); }

StepTimings LlamaModel::decode(int32_t token) { return feed({&token, 1}); }

StepTimings LlamaModel::verify(std::span<const int32_t> tokens) {
    std::copy(tokens.begin(), tokens.end(), tokens_.begin());
    const StepTimings timings = run(tokens.size(), 0, tokens.size() - 1);
    verified_ = static_cast<const float*>(row_) - (tokens.size() - 1) * facts_.vocab_size;
    position_ += tokens.size();
    return timings;
}

std::span<const float> LlamaModel::verified(size_t index) {
    return {verified_ + index * facts_.vocab_size, facts_.vocab_size};
}

StepTimings LlamaModel::feed(std::span<const int32_t> tokens) {
    StepTimings timings;
    if (facts_.kv_cache) {
        std::copy(tokens.begin(), tokens.end(), tokens_.begin());
        timings = run(tokens.size(), tokens.size() - 1, tokens.size() - 1);
    } else {
        sequence_.resize(position_);
        sequence_.insert(sequence_.end(), tokens.begin(), tokens.end());
        std::copy(sequence_.begin(), sequence_.end(), tokens_.begin());
        const size_t length = facts_.dynamic_shape ? sequence_.size() : declared_length_;
        std::fill(tokens_.begin() + static_cast<ptrdiff_t>(sequence_.size()), tokens_.end(), 0);
        timings = run(length, 0, sequence_.size() - 1);
    }
    position_ += tokens.size();
    return timings;
}

/// Runs the first `length` of `tokens_` and keeps the logits after token `last`. If the program chooses, it computes
/// the logits from token `first` on.
StepTimings LlamaModel::run(size_t length, size_t first, size_t last) {
    using executorch::aten::SizesType;
    const auto tokens = from_blob(tokens_.data(), {1, static_cast<SizesType>(length)}, ScalarType::Long);
    StepTimings timings;
    std::vector<EValue> inputs{embedding_ ? embedding_->embed(EValue(*tokens), timings) : EValue(*tokens)};
    executorch::extension::TensorPtr position;
    if (facts_.kv_cache) {
        const size_t positions = position_vector_ ? length : 1;
        std::iota(positions_.begin(), positions_.begin() + static_cast<ptrdiff_t>(positions),
                  static_cast<int64_t>(position_));
        position = from_blob(positions_.data(), {static_cast<SizesType>(positions)}, ScalarType::Long);
        inputs.insert(token_input_ == 0 ? inputs.end() : inputs.begin(), EValue(*position));
    }
    executorch::extension::TensorPtr choice;
    if (chooses_first_) {
        first_ = static_cast<int64_t>(first);
        choice = from_blob(&first_, {1}, ScalarType::Long);
        inputs.push_back(EValue(*choice));
    }
    if (facts_.keeps_state && !facts_.kv_cache) {
        // The call feeds the whole sequence.
        program_->restore(method_);
    }
    row_ = nullptr;
    StepTimings step;
    const auto outputs = program_->execute(method_, inputs, step);
    timings.add(step);
    const auto& logits = outputs.at(0).toTensor();
    const size_t rows = static_cast<size_t>(logits.numel()) / facts_.vocab_size;
    const size_t row = chooses_first_ ? last - first : rows == 1 ? 0 : last;
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
    if (facts_.rewinds || position == 0 || position == position_) {
        return true;
    }
    return !facts_.keeps_state && position + 1 >= position_;
}

void LlamaModel::seek(size_t position) {
    if (facts_.keeps_state && position == 0) {
        program_->restore(method_);
    }
    position_ = position;
}

}  // namespace wyvern
