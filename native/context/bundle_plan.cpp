#include "bundle_plan.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "../failure.h"

namespace wyvern {

namespace {

/// Part numbers of a binary's graphs.
struct Numbered {
    BinaryFacts binary;
    size_t part = 0;
    size_t parts = 0;
};

Numbered number_of(BinaryFacts binary) {
    Numbered numbered{std::move(binary), 0, 0};
    for (const GraphFacts& graph : numbered.binary.graphs) {
        const auto name = parse_graph_name(graph.name);
        if (!name) {
            not_context_model("a graph is called `" + graph.name + "`, not {prompt|token}_ar{A}_cl{C}_{i}_of_{n}");
        }
        if (numbered.part != 0 && (name->part != numbered.part || name->parts != numbered.parts)) {
            not_context_model(numbered.binary.path + " has graphs of several parts");
        }
        numbered.part = name->part;
        numbered.parts = name->parts;
    }
    return numbered;
}

/// Sorts the binaries by part and checks that each is there once.
std::vector<BinaryFacts> in_order(std::vector<BinaryFacts> binaries, bool embedded_on_cpu) {
    std::vector<Numbered> numbered;
    for (BinaryFacts& binary : binaries) {
        numbered.push_back(number_of(std::move(binary)));
    }
    std::sort(numbered.begin(), numbered.end(), [](const auto& a, const auto& b) { return a.part < b.part; });
    if (numbered.empty()) {
        throw Failure(FailureCode::data_missing, "The model has no context binaries.");
    }
    size_t expected = embedded_on_cpu && numbered.front().part == 2 ? 2 : 1;
    const size_t parts = numbered.front().parts;
    std::vector<BinaryFacts> sorted;
    for (Numbered& one : numbered) {
        if (one.parts != parts || one.part < expected) {
            not_context_model("its files are parts of different models: " + one.binary.path + " is part " +
                              std::to_string(one.part) + " of " + std::to_string(one.parts));
        }
        if (one.part > expected) {
            break;
        }
        ++expected;
        sorted.push_back(std::move(one.binary));
    }
    if (expected <= parts) {
        throw Failure(FailureCode::data_missing,
                      "Part " + std::to_string(expected) + " of " + std::to_string(parts) + " is missing.");
    }
    return sorted;
}

using StepKey = std::pair<size_t, size_t>;

/// Context and tokens of a binary's graphs.
std::map<StepKey, const GraphFacts*> grid_of(const BinaryFacts& binary) {
    std::map<StepKey, const GraphFacts*> grid;
    for (const GraphFacts& graph : binary.graphs) {
        const GraphName name = *parse_graph_name(graph.name);
        if (!grid.emplace(StepKey{name.context, name.ar}, &graph).second) {
            not_context_model("two graphs of " + binary.path + " serve " + std::to_string(name.ar) +
                              " tokens in a context of " + std::to_string(name.context));
        }
    }
    return grid;
}

/// Checks that the caches of one part are the same in two of its graphs.
void require_same_caches(const PartGraph& one, const PartGraph& other) {
    const auto differ = [&] {
        not_context_model("the graphs `" + one.facts.name + "` and `" + other.facts.name +
                          "` have different caches, so they cannot continue each other");
    };
    if (one.caches.size() != other.caches.size()) {
        differ();
    }
    for (size_t i = 0; i < one.caches.size(); ++i) {
        const CachePlace& a = one.caches[i];
        const CachePlace& b = other.caches[i];
        if (a.name != b.name || a.key != b.key || a.value != b.value || a.key_encoding != b.key_encoding ||
            a.value_encoding != b.value_encoding) {
            differ();
        }
    }
}

/// Counts layers. Caches of single heads must be complete: each layer has the heads 0 … n - 1.
size_t count_layers(const std::vector<PartGraph>& parts) {
    static const std::regex form("([0-9]{1,4})(?:_h(?:ead_)?([0-9]{1,4}))?");
    std::map<size_t, std::set<size_t>> heads;
    for (const PartGraph& part : parts) {
        for (const CachePlace& cache : part.caches) {
            std::smatch found;
            if (!std::regex_match(cache.name, found, form)) {
                not_context_model("a cache is called `past_key_" + cache.name + "_in`, which names no layer");
            }
            const size_t head = found[2].matched ? std::stoul(found[2].str()) : 0;
            if (!heads[std::stoul(found[1].str())].insert(head).second) {
                not_context_model("the cache of layer " + found[1].str() + " is there twice");
            }
        }
    }
    if (heads.empty()) {
        not_context_model("no part has a KV cache");
    }
    const size_t count = heads.begin()->second.size();
    size_t layer = 0;
    for (const auto& [number, found] : heads) {
        if (number != layer) {
            not_context_model("layer " + std::to_string(layer) + " has no cache");
        }
        for (size_t head = 0; head <= *found.rbegin(); ++head) {
            if (!found.contains(head)) {
                not_context_model("the caches of single heads do not add up: layer " + std::to_string(number) +
                                  " lacks head " + std::to_string(head));
            }
        }
        if (found.size() != count) {
            not_context_model("the caches of single heads do not add up: layer " + std::to_string(number) + " has " +
                              std::to_string(found.size()) + " of them, layer 0 has " + std::to_string(count));
        }
        ++layer;
    }
    return layer;
}

StepPlan plan_step(const std::vector<std::map<StepKey, const GraphFacts*>>& grids, const StepKey& key,
                   bool embedded_on_cpu) {
    StepPlan step{key.second, key.first, {}};
    std::string hidden;
    for (const auto& grid : grids) {
        const auto found = grid.find(key);
        if (found == grid.end()) {
            not_context_model("not every part has a graph for " + std::to_string(key.second) +
                              " tokens in a context of " + std::to_string(key.first));
        }
        const GraphName name = *parse_graph_name(found->second->name);
        PartGraph part = read_part_graph(*found->second, name, hidden, embedded_on_cpu && step.parts.empty());
        if (!step.parts.empty()) {
            const PartGraph& before = step.parts.back();
            if (!before.hidden_out || !part.hidden_in ||
                before.output(*before.hidden_out).elements() != part.input(*part.hidden_in).elements()) {
                not_context_model("the hidden state of `" + before.facts.name + "` does not fit `" + part.facts.name +
                                  "`");
            }
        }
        hidden = part.hidden_out ? part.output(*part.hidden_out).name : "";
        step.parts.push_back(std::move(part));
    }
    return step;
}

size_t cache_bytes(const StepPlan& decode) {
    size_t bytes = 0;
    for (const PartGraph& part : decode.parts) {
        for (const CachePlace& cache : part.caches) {
            bytes += part.input(cache.key_in).bytes() + part.input(cache.value_in).bytes();
        }
    }
    return bytes;
}

/// Reads what all steps share, from the decode step of the longest context, and compares every step with it.
void read_shared(BundlePlan& plan) {
    const StepPlan& longest = *std::find_if(plan.steps.begin(), plan.steps.end(), [&](const StepPlan& step) {
        return step.ar == 1 && step.context == plan.contexts.back();
    });
    const PartGraph& last = longest.parts.back();
    plan.vocabulary = last.output(*last.logits).sizes.back();
    plan.layers = count_layers(longest.parts);
    plan.cache_bytes = cache_bytes(longest);
    for (const StepPlan& step : plan.steps) {
        for (size_t i = 0; i < step.parts.size(); ++i) {
            const PartGraph& part = step.parts[i];
            require_same_caches(longest.parts[i], part);
            if (part.cos) {
                const size_t width = part.input(*part.cos).sizes.back();
                if (plan.rotation != 0 && width != plan.rotation) {
                    not_context_model("its parts rotate heads of different sizes");
                }
                plan.rotation = width;
            }
            if (part.logits && part.output(*part.logits).sizes.back() != plan.vocabulary) {
                not_context_model("its graphs have vocabularies of different sizes");
            }
        }
    }
}

}  // namespace

BundlePlan plan_bundle(std::vector<BinaryFacts> binaries, bool embedded_on_cpu) {
    BundlePlan plan;
    plan.binaries = in_order(std::move(binaries), embedded_on_cpu);
    std::vector<std::map<StepKey, const GraphFacts*>> grids;
    std::set<size_t> contexts;
    for (const BinaryFacts& binary : plan.binaries) {
        grids.push_back(grid_of(binary));
        for (const auto& [key, graph] : grids.back()) {
            contexts.insert(key.first);
            plan.prefill_ar = std::max(plan.prefill_ar, key.second);
        }
    }
    plan.contexts.assign(contexts.begin(), contexts.end());
    for (const size_t context : plan.contexts) {
        plan.steps.push_back(plan_step(grids, {context, 1}, embedded_on_cpu));
        if (plan.prefill_ar > 1) {
            plan.steps.push_back(plan_step(grids, {context, plan.prefill_ar}, embedded_on_cpu));
        }
    }
    read_shared(plan);
    return plan;
}

BundlePlan read_plan(const ContextOptions& options) {
    std::vector<BinaryFacts> binaries;
    for (const std::string& path : options.binaries) {
        binaries.push_back(read_binary(path));
    }
    BundlePlan plan = plan_bundle(std::move(binaries), options.embedding.has_value());
    if (plan.rotation != options.rotation.inverse_frequencies.size()) {
        not_context_model("it rotates " + std::to_string(plan.rotation) +
                          " pairs of each head, but its configuration says " +
                          std::to_string(options.rotation.inverse_frequencies.size()));
    }
    return plan;
}

}  // namespace wyvern
