#include "context_functions.h"

#include <cmath>

#include "../context/bundle_plan.h"
#include "convert.h"
#include "guards.h"

namespace wyvern {

namespace {

constexpr int64_t widest_row = int64_t{1} << 20;
/// Heads of no model have more pairs.
constexpr uint32_t most_pairs = 4096;

double expect_finite(const Napi::Value& value, std::string_view name) {
    const double number = expect_number(value, name);
    if (!std::isfinite(number)) {
        throw Failure(FailureCode::invalid_argument, std::string(name) + " must be finite.");
    }
    return number;
}

std::vector<double> expect_frequencies(const Napi::Value& value) {
    if (!value.IsArray() || value.As<Napi::Array>().Length() == 0 || value.As<Napi::Array>().Length() > most_pairs) {
        throw Failure(FailureCode::invalid_argument, "inverseFrequencies must be a list of 1 to 4096 numbers.");
    }
    const auto list = value.As<Napi::Array>();
    std::vector<double> numbers;
    for (uint32_t i = 0; i < list.Length(); ++i) {
        numbers.push_back(expect_finite(list.Get(i), "inverseFrequencies"));
    }
    return numbers;
}

Encoding expect_encoding(const std::string& type, const OptionsReader& reader) {
    Encoding encoding;
    if (type == "float32") {
        return encoding;
    }
    if (type != "uint8" && type != "uint16") {
        throw Failure(FailureCode::invalid_argument, "type must be float32, uint8 or uint16.");
    }
    encoding.type = type == "uint8" ? ElementType::uint8 : ElementType::uint16;
    const auto scale = reader.get("scale");
    const auto offset = reader.get("offset");
    if (!scale || !offset) {
        throw Failure(FailureCode::invalid_argument, "An embedding of integers needs scale and offset.");
    }
    encoding.scale = static_cast<float>(expect_finite(*scale, "scale"));
    encoding.offset = static_cast<int32_t>(expect_integer(*offset, "offset", -0xffff, 0));
    if (!(encoding.scale > 0)) {
        throw Failure(FailureCode::invalid_argument, "scale must be positive.");
    }
    return encoding;
}

EmbeddingOptions read_embedding(const Napi::Value& value) {
    const OptionsReader reader(value, {"path", "width", "type", "scale", "offset"});
    const auto path = reader.get("path");
    const auto width = reader.get("width");
    if (!path || !width) {
        throw Failure(FailureCode::invalid_argument, "An embedding needs path and width.");
    }
    EmbeddingOptions options;
    options.path = expect_string(*path, "path");
    options.width = static_cast<size_t>(expect_integer(*width, "width", 1, widest_row));
    if (const auto type = reader.get("type")) {
        options.encoding = expect_encoding(expect_string(*type, "type"), reader);
    }
    return options;
}

}  // namespace

ContextOptions read_context_options(const Napi::Value& value) {
    const OptionsReader reader(value, {"binaries", "inverseFrequencies", "rotationScale", "embedding"});
    const auto binaries = reader.get("binaries");
    const auto frequencies = reader.get("inverseFrequencies");
    if (!binaries || !frequencies) {
        throw Failure(FailureCode::invalid_argument, "binaries or inverseFrequencies is missing.");
    }
    ContextOptions options;
    options.binaries = expect_strings(*binaries, "binaries");
    options.rotation.inverse_frequencies = expect_frequencies(*frequencies);
    if (const auto scale = reader.get("rotationScale")) {
        options.rotation.scale = expect_finite(*scale, "rotationScale");
    }
    if (const auto embedding = reader.get("embedding")) {
        options.embedding = read_embedding(*embedding);
    }
    return options;
}

Napi::Value describe_contexts_from_js(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    return throwing(env, [&]() -> Napi::Value {
        const ContextOptions options = read_context_options(info[0]);
        const BundlePlan plan = read_plan(options);
        auto facts = Napi::Object::New(env);
        const auto set = [&](const char* name, size_t number) { facts.Set(name, static_cast<double>(number)); };
        std::vector<std::string> build_ids;
        size_t bytes = 0;
        for (const BinaryFacts& binary : plan.binaries) {
            build_ids.push_back(binary.build_id);
            bytes += binary.bytes;
        }
        facts.Set("buildIds", to_js(env, build_ids));
        auto lengths = Napi::Array::New(env, plan.contexts.size());
        for (uint32_t i = 0; i < plan.contexts.size(); ++i) {
            lengths[i] = Napi::Number::New(env, static_cast<double>(plan.contexts[i]));
        }
        facts.Set("contextLengths", lengths);
        set("prefillLength", plan.prefill_ar);
        set("vocabSize", plan.vocabulary);
        set("layers", plan.layers);
        set("cacheBytes", plan.cache_bytes);
        set("binaryBytes", bytes);
        return facts;
    });
}

}  // namespace wyvern
