#include "part_graph.h"

#include <algorithm>
#include <map>
#include <regex>

#include "../failure.h"

namespace wyvern {

namespace {

/// Names of variants that Wyvern does not run, with the reason.
struct Variant {
    const char* begin;
    const char* reason;
};
constexpr Variant variants[] = {
    {"cache_index", "it writes its cache through `cache_index` (a scatter cache)"},
    {"swa_", "it has a second cache with a sliding window"},
    {"attention_mask_", "it has a second attention mask, for a sliding window"},
    {"position_ids_local", "it has a second rotation, for a sliding window"},
    {"per_layer", "it takes an embedding for each layer"},
    {"deepstack", "it takes an image's features"},
    {"lora_", "it takes the weights of an adapter (LoRA)"},
};

std::string quoted(const TensorInfo& tensor) { return "`" + tensor.name + "` " + text_of(tensor.sizes); }

/// The middle of `{begin}{middle}{end}`, or nothing.
std::optional<std::string> middle_of(const std::string& name, std::string_view begin, std::string_view end) {
    if (name.size() <= begin.size() + end.size() || !name.starts_with(begin) || !name.ends_with(end)) {
        return std::nullopt;
    }
    return name.substr(begin.size(), name.size() - begin.size() - end.size());
}

/// Reads the tensors of one graph.
class Reader {
 public:
    Reader(PartGraph& graph, const std::string& hidden, bool embedded_on_cpu)
        : graph_(graph), hidden_(hidden), embedded_on_cpu_(embedded_on_cpu) {}

    void read() {
        for (size_t i = 0; i < graph_.facts.inputs.size(); ++i) {
            input(i);
        }
        for (size_t i = 0; i < graph_.facts.outputs.size(); ++i) {
            output(i);
        }
        check_caches();
        check_rest();
    }

 private:
    /// The four tensors of one cache.
    struct Siblings {
        std::optional<size_t> key_in;
        std::optional<size_t> value_in;
        std::optional<size_t> key_out;
        std::optional<size_t> value_out;
    };

    [[noreturn]] void refuse(const std::string& why) const {
        not_context_model("in graph `" + graph_.facts.name + "` " + why);
    }

    void put(std::optional<size_t>& place, size_t index, const TensorInfo& tensor) const {
        if (place) {
            refuse("two tensors are called `" + tensor.name + "`");
        }
        place = index;
    }

    void input(size_t index) {
        const TensorInfo& tensor = graph_.facts.inputs[index];
        const std::string& name = tensor.name;
        if (const auto key = middle_of(name, "past_key_", "_in")) {
            return put(caches_[*key].key_in, index, tensor);
        }
        if (const auto value = middle_of(name, "past_value_", "_in")) {
            return put(caches_[*value].value_in, index, tensor);
        }
        if (name == "input_ids") {
            return put(graph_.tokens, index, tensor);
        }
        if (name == "attention_mask") {
            return put(graph_.mask, index, tensor);
        }
        if (name == "position_ids_cos" || name == "position_ids_global_cos") {
            return put(graph_.cos, index, tensor);
        }
        if (name == "position_ids_sin" || name == "position_ids_global_sin") {
            return put(graph_.sin, index, tensor);
        }
        for (const Variant& variant : variants) {
            if (name.starts_with(variant.begin)) {
                refuse(variant.reason);
            }
        }
        if (name == hidden_ || (hidden_.empty() && embedded_on_cpu_)) {
            return put(graph_.hidden_in, index, tensor);
        }
        if (name == "inputs_embeds" || name == "input_embeds") {
            refuse("takes embeddings, but the configuration names no table of them");
        }
        refuse("the input " + quoted(tensor) +
               (hidden_.empty() ? " has no known meaning"
                                : " is not the hidden state `" + hidden_ + "` of the part before"));
    }

    void output(size_t index) {
        const TensorInfo& tensor = graph_.facts.outputs[index];
        const std::string& name = tensor.name;
        if (const auto key = middle_of(name, "past_key_", "_out")) {
            return put(caches_[*key].key_out, index, tensor);
        }
        if (const auto value = middle_of(name, "past_value_", "_out")) {
            return put(caches_[*value].value_out, index, tensor);
        }
        if (name.starts_with("swa_")) {
            refuse("it has a second cache with a sliding window");
        }
        if (name == "logits") {
            return put(graph_.logits, index, tensor);
        }
        if (graph_.hidden_out) {
            refuse("the output " + quoted(tensor) + " has no known meaning");
        }
        graph_.hidden_out = index;
    }

    void check_caches() {
        const size_t ar = graph_.name.ar;
        for (const auto& [name, found] : caches_) {
            if (!found.key_in || !found.value_in || !found.key_out || !found.value_out) {
                refuse("the cache of layer " + name +
                       " lacks one of its four tensors: past_key and past_value, _in and _out");
            }
            const TensorInfo& key_in = graph_.input(*found.key_in);
            const TensorInfo& key_out = graph_.output(*found.key_out);
            const TensorInfo& value_in = graph_.input(*found.value_in);
            const TensorInfo& value_out = graph_.output(*found.value_out);
            if (key_in.sizes.size() != 4 || value_in.sizes.size() != 4) {
                refuse("the cache of layer " + name + " is not of rank 4");
            }
            const size_t heads = key_in.sizes[0];
            const size_t key_dim = key_in.sizes[2];
            const size_t value_dim = value_in.sizes[3];
            if (key_in.sizes[3] == graph_.name.context) {
                refuse("the cache of layer " + name + " has all " + std::to_string(graph_.name.context) +
                       " slots: it is written in place (a scatter cache)");
            }
            const size_t slots = graph_.slots();
            const bool fits = key_in.sizes == std::vector<size_t>{heads, 1, key_dim, slots} &&
                              key_out.sizes == std::vector<size_t>{heads, 1, key_dim, ar} &&
                              value_in.sizes == std::vector<size_t>{heads, 1, slots, value_dim} &&
                              value_out.sizes == std::vector<size_t>{heads, 1, ar, value_dim};
            if (!fits) {
                refuse("the caches of layer " + name + " do not add up: " + quoted(key_in) + ", " + quoted(key_out) +
                       ", " + quoted(value_in) + ", " + quoted(value_out));
            }
            if (key_in.encoding != key_out.encoding || value_in.encoding != value_out.encoding) {
                refuse("the encodings of layer " + name +
                       "'s cache do not meet: it is read in another one than written");
            }
            if (key_in.encoding.type == ElementType::int32) {
                refuse("the cache of layer " + name + " is int32");
            }
            graph_.caches.push_back({name, *found.key_in, *found.value_in, *found.key_out, *found.value_out,
                                     CacheShape{heads, key_dim, bytes_of(key_in.encoding.type)},
                                     CacheShape{heads, value_dim, bytes_of(value_in.encoding.type)}, key_in.encoding,
                                     value_in.encoding});
        }
    }

    void check_rest() const {
        const auto& [ar, context, part, parts] = graph_.name;
        if (graph_.tokens) {
            const TensorInfo& tokens = graph_.input(*graph_.tokens);
            if (tokens.encoding.type != ElementType::int32 || tokens.elements() != ar) {
                refuse(quoted(tokens) + " is not int32 [1, A]");
            }
        }
        if (graph_.tokens.has_value() == graph_.hidden_in.has_value()) {
            refuse(graph_.tokens ? "it takes tokens and a hidden state" : "it takes neither tokens nor a hidden state");
        }
        if (!graph_.caches.empty() && (!graph_.mask || !graph_.cos || !graph_.sin)) {
            refuse("layers lack attention_mask, position_ids_cos or position_ids_sin");
        }
        for (const auto& place : {graph_.hidden_in ? &graph_.input(*graph_.hidden_in) : nullptr,
                                  graph_.hidden_out ? &graph_.output(*graph_.hidden_out) : nullptr,
                                  graph_.logits ? &graph_.output(*graph_.logits) : nullptr}) {
            if (place != nullptr &&
                (place->sizes.back() * ar != place->elements() || place->encoding.type == ElementType::int32)) {
                refuse(quoted(*place) + " is not of shape [1, A, width]");
            }
        }
        if (graph_.mask && (graph_.input(*graph_.mask).elements() != ar * context ||
                            graph_.input(*graph_.mask).sizes.back() != context)) {
            refuse(quoted(graph_.input(*graph_.mask)) + " is not of shape [1, 1, A, C]");
        }
        for (const auto& place : {graph_.cos, graph_.sin, graph_.mask}) {
            if (place && graph_.input(*place).encoding.type == ElementType::int32) {
                refuse(quoted(graph_.input(*place)) + " is int32");
            }
        }
        if (graph_.cos && graph_.sin && graph_.input(*graph_.cos).elements() != graph_.input(*graph_.sin).elements()) {
            refuse("position_ids_cos and position_ids_sin differ in size");
        }
        if (graph_.cos && graph_.input(*graph_.cos).elements() != ar * graph_.input(*graph_.cos).sizes.back()) {
            refuse(quoted(graph_.input(*graph_.cos)) + " is not of shape [1, 1, A, D / 2]");
        }
        if ((part == parts) != graph_.logits.has_value() || (part == parts) == graph_.hidden_out.has_value()) {
            refuse(part == parts ? "the last part gives no logits, or more than them"
                                 : "it gives logits, or no hidden state for the part after it");
        }
    }

    PartGraph& graph_;
    const std::string& hidden_;
    bool embedded_on_cpu_;
    std::map<std::string, Siblings> caches_;
};

}  // namespace

void not_context_model(const std::string& why) {
    throw Failure(FailureCode::program_unsupported,
                  "The context binaries are not those of a language model that Wyvern runs: " + why + ".");
}

std::optional<GraphName> parse_graph_name(const std::string& name) {
    static const std::regex form("(?:[A-Za-z]+_)?ar([0-9]{1,6})_cl([0-9]{1,7})_([0-9]{1,3})_of_([0-9]{1,3})");
    std::smatch found;
    if (name.size() > 64 || !std::regex_match(name, found, form)) {
        return std::nullopt;
    }
    const auto number = [&](size_t group) { return static_cast<size_t>(std::stoul(found[group].str())); };
    const GraphName parsed{number(1), number(2), number(3), number(4)};
    if (parsed.ar == 0 || parsed.context < 2 || parsed.ar >= parsed.context || parsed.part == 0 ||
        parsed.part > parsed.parts) {
        return std::nullopt;
    }
    return parsed;
}

PartGraph read_part_graph(GraphFacts facts, const GraphName& name, const std::string& hidden, bool embedded_on_cpu) {
    PartGraph graph;
    graph.name = name;
    graph.facts = std::move(facts);
    Reader(graph, hidden, embedded_on_cpu).read();
    return graph;
}

}  // namespace wyvern
