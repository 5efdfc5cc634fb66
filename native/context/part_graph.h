#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../model/kv_layout.h"
#include "binary_info.h"

namespace wyvern {

/// The KV cache of one layer, or of one head of it, in a graph. Indexes are those of the graph's inputs and outputs.
struct CachePlace {
    /// The middle of its names: `3` of `past_key_3_in`, `3_h1` for one head.
    std::string name;
    size_t key_in = 0;
    size_t value_in = 0;
    size_t key_out = 0;
    size_t value_out = 0;
    CacheShape key{};
    CacheShape value{};
    Encoding key_encoding;
    Encoding value_encoding;
};

/// Name of a graph of AI Hub: `{prompt|token}_ar{A}_cl{C}_{i}_of_{n}`.
struct GraphName {
    /// Tokens of one call, A.
    size_t ar = 0;
    /// Context length C.
    size_t context = 0;
    /// From 1.
    size_t part = 0;
    size_t parts = 0;
};

/// Absent for other names.
std::optional<GraphName> parse_graph_name(const std::string& name);

/// A graph of one part of a model with the meaning of its tensors, found by their names:
///
///   inputs   input_ids [1, A] or hidden [1, A, W] (the name of the part before), attention_mask [1, 1, A, C],
///            position_ids_cos and _sin [1, 1, A, D / 2], past_key_{l}_in [H, 1, D, C - A], past_value_{l}_in [H, 1, C
///            - A, D]
///   outputs  hidden [1, A, W] or logits [1, A, V], past_key_{l}_out [H, 1, D, A], past_value_{l}_out [H, 1, A, D]
///
/// Source: `ai-hub-models`, `_shared/llm/model.py`, and published `genie_config.json` files.
struct PartGraph {
    GraphName name;
    GraphFacts facts;
    std::optional<size_t> tokens;
    std::optional<size_t> hidden_in;
    std::optional<size_t> mask;
    std::optional<size_t> cos;
    std::optional<size_t> sin;
    std::optional<size_t> hidden_out;
    std::optional<size_t> logits;
    std::vector<CachePlace> caches;

    /// Cache slots of this graph's layout.
    size_t slots() const { return name.context - name.ar; }
    const TensorInfo& input(size_t index) const { return facts.inputs[index]; }
    const TensorInfo& output(size_t index) const { return facts.outputs[index]; }
};

/// Finds the meaning of each tensor. `hidden` is the name of the hidden state that the part before gives; empty for the
/// first part, which takes `input_ids`, or any one hidden state if the embedding runs on the CPU. Throws
/// `program-unsupported` with the difference from the convention.
PartGraph read_part_graph(GraphFacts facts, const GraphName& name, const std::string& hidden, bool embedded_on_cpu);

/// Throws `program-unsupported`: the model is not one of AI Hub's usual language models, because `why`.
[[noreturn]] void not_context_model(const std::string& why);

}  // namespace wyvern
