#include "sampler_object.h"

#include "guards.h"

namespace wyvern {

namespace {

constexpr napi_type_tag sampler_tag = {0x9d1f6c0a52b84e17, 0xa3c47e90f81d2b65};

SamplingOptions read_options(const Napi::Value& value) {
    const OptionsReader reader(
        value, {"temperature", "topK", "topP", "minP", "repetitionPenalty", "repetitionWindow", "seed"});
    constexpr int64_t largest_count = int64_t{1} << 31;
    constexpr int64_t largest_seed = (int64_t{1} << 53) - 1;
    SamplingOptions options;
    if (const auto field = reader.get("temperature")) {
        options.temperature = expect_number(*field, "temperature");
    }
    if (const auto field = reader.get("topK")) {
        options.top_k = static_cast<size_t>(expect_integer(*field, "topK", 0, largest_count));
    }
    if (const auto field = reader.get("topP")) {
        options.top_p = expect_number(*field, "topP");
    }
    if (const auto field = reader.get("minP")) {
        options.min_p = expect_number(*field, "minP");
    }
    if (const auto field = reader.get("repetitionPenalty")) {
        options.repetition_penalty = expect_number(*field, "repetitionPenalty");
    }
    if (const auto field = reader.get("repetitionWindow")) {
        options.repetition_window = static_cast<size_t>(expect_integer(*field, "repetitionWindow", 0, largest_count));
    }
    if (const auto field = reader.get("seed")) {
        options.seed = static_cast<uint64_t>(expect_integer(*field, "seed", 0, largest_seed));
    }
    return options;
}

}  // namespace

Napi::Function SamplerObject::define(Napi::Env env) {
    return DefineClass(env, "Sampler",
                       {InstanceAccessor<&SamplerObject::seed>("seed", napi_enumerable),
                        InstanceMethod<&SamplerObject::sample>("sample")});
}

SamplerObject::SamplerObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    throwing(info.Env(), [&] { sampler_ = std::make_shared<Sampler>(read_options(info[0])); });
    info.This().As<Napi::Object>().TypeTag(&sampler_tag);
}

std::shared_ptr<Sampler> SamplerObject::expect(const Napi::Value& value) {
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&sampler_tag)) {
        throw Failure(FailureCode::invalid_argument, "sampler must be a Sampler.");
    }
    return Unwrap(value.As<Napi::Object>())->sampler_;
}

Napi::Value SamplerObject::seed(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(sampler_->seed()));
}

Napi::Value SamplerObject::sample(const Napi::CallbackInfo& info) {
    return throwing(info.Env(), [&] {
        const auto logits = expect_float32_array(info[0], "logits");
        const auto recent =
            info[1].IsUndefined() ? std::vector<int32_t>{} : expect_int32_array(info[1], "recentTokens");
        return Napi::Number::New(info.Env(), sampler_->sample(logits, recent));
    });
}

}  // namespace wyvern
