#include "step_memory.h"

#include <algorithm>

#include "../model/kv_layout.h"

namespace wyvern {

namespace {

/// Value of masked places in a float mask. AI Hub's models in float16 use it; a quantised mask saturates.
constexpr float masked_value = -1000;

void grow(std::vector<std::byte>& bytes, size_t size) { bytes.resize(std::max(bytes.size(), size)); }

}  // namespace

StepMemory::StepMemory(const ContextOptions& options, const BundlePlan& plan)
    : rotation_(options.rotation),
      rotation_width_(plan.rotation),
      tokens_(plan.prefill_ar),
      boundaries_(plan.binaries.size() - 1) {
    for (const StepPlan& step : plan.steps) {
        const PartGraph& first = step.parts.front();
        if (first.hidden_in) {
            const TensorInfo& input = first.input(*first.hidden_in);
            embedding_.emplace(*options.embedding, input.encoding, input.sizes.back(), plan.vocabulary);
            return;
        }
    }
}

void StepMemory::allocate(const std::vector<const StepPlan*>& steps) {
    for (const StepPlan* step : steps) {
        for (size_t part = 0; part < step->parts.size(); ++part) {
            allocate(*step, part);
        }
    }
}

void StepMemory::allocate(const StepPlan& step, size_t part) {
    using Kind = Shared::Kind;
    const PartGraph& graph = step.parts[part];
    if (graph.hidden_out) {
        const PartGraph& next = step.parts[part + 1];
        grow(boundaries_[part].given, graph.output(*graph.hidden_out).bytes());
        grow(boundaries_[part].taken, next.input(*next.hidden_in).bytes());
    }
    if (part == 0 && graph.hidden_in) {
        grow(embedded_, graph.input(*graph.hidden_in).bytes());
    }
    if (graph.logits) {
        grow(logits_, graph.output(*graph.logits).bytes());
    }
    std::vector<Shared*>& used = used_[&step];
    for (const auto& [index, kind] :
         {std::pair{graph.mask, Kind::mask}, std::pair{graph.cos, Kind::cos}, std::pair{graph.sin, Kind::sin}}) {
        if (!index) {
            continue;
        }
        Shared& shared = shared_of(kind, graph.input(*index));
        grow(shared.bytes, graph.input(*index).bytes());
        if (std::find(used.begin(), used.end(), &shared) == used.end()) {
            used.push_back(&shared);
        }
    }
}

StepMemory::Shared& StepMemory::shared_of(Shared::Kind kind, const TensorInfo& tensor) {
    for (const auto& shared : shared_) {
        if (shared->kind == kind && shared->encoding == tensor.encoding) {
            return *shared;
        }
    }
    return *shared_.emplace_back(std::make_unique<Shared>(Shared{kind, tensor.encoding, {}}));
}

void StepMemory::bind(const StepPlan& step, size_t part, BoundGraph& bound) {
    const PartGraph& graph = step.parts[part];
    if (graph.tokens) {
        bound.bind_input(*graph.tokens, reinterpret_cast<std::byte*>(tokens_.data()));
    }
    if (graph.hidden_in && part == 0) {
        bound.bind_input(*graph.hidden_in, embedded_.data());
    } else if (graph.hidden_in) {
        const PartGraph& before = step.parts[part - 1];
        const bool same = before.output(*before.hidden_out).encoding == graph.input(*graph.hidden_in).encoding;
        Boundary& boundary = boundaries_[part - 1];
        bound.bind_input(*graph.hidden_in, same ? boundary.given.data() : boundary.taken.data());
    }
    const auto bind_shared = [&](std::optional<size_t> index, Shared::Kind kind) {
        if (index) {
            bound.bind_input(*index, shared_of(kind, graph.input(*index)).bytes.data());
        }
    };
    bind_shared(graph.mask, Shared::Kind::mask);
    bind_shared(graph.cos, Shared::Kind::cos);
    bind_shared(graph.sin, Shared::Kind::sin);
    if (graph.hidden_out) {
        bound.bind_output(*graph.hidden_out, boundaries_[part].given.data());
    }
    if (graph.logits) {
        bound.bind_output(*graph.logits, logits_.data());
    }
}

void StepMemory::fill(const StepPlan& step, std::span<const int32_t> tokens, size_t position) {
    // Rows after a short chunk repeat its last token; nothing reads them.
    std::fill(std::copy(tokens.begin(), tokens.end(), tokens_.begin()), tokens_.end(), tokens.back());
    if (embedding_) {
        const PartGraph& first = step.parts.front();
        embed(first.input(*first.hidden_in), step.ar);
    }
    for (Shared* shared : used_[&step]) {
        if (shared->kind == Shared::Kind::mask) {
            const MaskValues values{bytes_of(shared->encoding.type), shared->encoding.encode(0),
                                    shared->encoding.encode(masked_value)};
            fill_mask(values, shared->bytes.data(), step.ar, step.context, position, 0);
        } else {
            fill_rotation(*shared, step.ar, tokens.size(), position);
        }
    }
}

void StepMemory::embed(const TensorInfo& input, size_t ar) {
    const size_t row = input.bytes() / ar;
    for (size_t i = 0; i < ar; ++i) {
        embedding_->row(tokens_[i], input.encoding, embedded_.data() + i * row);
    }
}

void StepMemory::fill_rotation(Shared& shared, size_t ar, size_t count, size_t position) {
    const size_t row = rotation_width_ * bytes_of(shared.encoding.type);
    std::vector<float> cos(rotation_width_);
    std::vector<float> sin(rotation_width_);
    for (size_t i = 0; i < ar; ++i) {
        rotation_.row(i < count ? position + i : 0, cos, sin);
        encode(shared.encoding, (shared.kind == Shared::Kind::cos ? cos : sin).data(), rotation_width_,
               shared.bytes.data() + i * row);
    }
}

void StepMemory::hand_over(const StepPlan& step, size_t part, size_t count) {
    const PartGraph& graph = step.parts[part];
    if (!graph.hidden_out) {
        return;
    }
    const TensorInfo& given = graph.output(*graph.hidden_out);
    const PartGraph& next = step.parts[part + 1];
    const TensorInfo& taken = next.input(*next.hidden_in);
    if (given.encoding == taken.encoding) {
        return;
    }
    std::vector<float> values(given.sizes.back() * count);
    decode(given.encoding, boundaries_[part].given.data(), values.size(), values.data());
    encode(taken.encoding, values.data(), values.size(), boundaries_[part].taken.data());
}

}  // namespace wyvern
