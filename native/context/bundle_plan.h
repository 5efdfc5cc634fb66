#pragma once

#include <string>
#include <vector>

#include "context_options.h"
#include "part_graph.h"

namespace wyvern {

/// The graphs that run one after another for A tokens in a context of C.
struct StepPlan {
    size_t ar = 0;
    size_t context = 0;
    /// In the order of the parts.
    std::vector<PartGraph> parts;

    size_t slots() const { return context - ar; }
};

/// A model in context binaries, checked as a whole.
struct BundlePlan {
    /// The binaries in the order of the parts.
    std::vector<BinaryFacts> binaries;
    /// Context lengths, ascending.
    std::vector<size_t> contexts;
    /// Tokens of one prefill call; 1 if there is no graph for it.
    size_t prefill_ar = 1;
    /// For each context length the graph for one token and the one for prefill.
    std::vector<StepPlan> steps;
    size_t vocabulary = 0;
    size_t layers = 0;
    /// Width of `position_ids_cos`, D / 2.
    size_t rotation = 0;
    /// Bytes of the caches at the longest context.
    size_t cache_bytes = 0;
};

/// Puts the parts in order and checks that they belong together: every part there, each with a graph for every context
/// length and number of tokens, the same caches in each, hidden states that fit. With `embedded_on_cpu` the first part
/// takes a hidden state; its number may be 2. Throws `program-unsupported` or `data-missing`.
BundlePlan plan_bundle(std::vector<BinaryFacts> binaries, bool embedded_on_cpu);

/// Reads the binaries, plans them, and compares them with the options. Throws like `read_binary` and `plan_bundle`.
BundlePlan read_plan(const ContextOptions& options);

}  // namespace wyvern
