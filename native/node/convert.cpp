#include "convert.h"

namespace wyvern {

namespace {

const char* name_of(Contract contract) {
    switch (contract) {
        case Contract::llama:
            return "llama";
        case Contract::qnn_static_llama:
            return "qnn-static-llama";
        case Contract::qnn_context:
            break;
    }
    return "qnn-context";
}

const char* name_of(LogitsDtype dtype) {
    switch (dtype) {
        case LogitsDtype::float32:
            return "float32";
        case LogitsDtype::float16:
            return "float16";
        case LogitsDtype::bfloat16:
            return "bfloat16";
        case LogitsDtype::uint16:
            break;
    }
    return "uint16";
}

const char* name_of(LogitsPositions positions) {
    switch (positions) {
        case LogitsPositions::last:
            return "last";
        case LogitsPositions::all:
            return "all";
        case LogitsPositions::chosen:
            break;
    }
    return "chosen";
}

const char* name_of(LoadStage stage) {
    switch (stage) {
        case LoadStage::read:
            return "read";
        case LoadStage::verify:
            return "verify";
        case LoadStage::prepare:
            return "prepare";
        case LoadStage::warm_up:
            break;
    }
    return "warm-up";
}

void set(Napi::Object& object, const char* name, double number) {
    object.Set(name, Napi::Number::New(object.Env(), number));
}

template <typename T>
void set(Napi::Object& object, const char* name, const std::optional<T>& number) {
    if (number) {
        set(object, name, static_cast<double>(*number));
    }
}

Napi::Object to_js(Napi::Env env, const HtpDetails& details) {
    auto object = Napi::Object::New(env);
    set(object, "vtcmAcquireUs", details.vtcm_acquire_us);
    set(object, "powerOnUs", details.power_on_us);
    set(object, "rpcUs", details.rpc_us);
    set(object, "cycles", details.cycles);
    set(object, "yields", details.yields);
    if (!details.parts_us.empty()) {
        auto parts = Napi::Array::New(env, details.parts_us.size());
        for (uint32_t i = 0; i < details.parts_us.size(); ++i) {
            parts[i] = Napi::Number::New(env, details.parts_us[i]);
        }
        object.Set("partsUs", parts);
    }
    auto slowest = Napi::Array::New(env, details.slowest.size());
    for (uint32_t i = 0; i < details.slowest.size(); ++i) {
        auto one = Napi::Object::New(env);
        one.Set("name", Napi::String::New(env, details.slowest[i].name));
        set(one, "cycles", static_cast<double>(details.slowest[i].cycles));
        slowest[i] = one;
    }
    object.Set("slowestOperators", slowest);
    return object;
}

void set(Napi::Object& object, const StepTimings& timings) {
    set(object, "wallUs", timings.wall_us);
    set(object, "backendUs", timings.backend_us);
    set(object, "acceleratorUs", timings.accelerator_us);
    set(object, "hvxThreads", timings.hvx_threads);
    if (timings.htp) {
        object.Set("htp", to_js(object.Env(), *timings.htp));
    }
}

}  // namespace

Napi::Array to_js(Napi::Env env, const std::vector<std::string>& strings) {
    auto array = Napi::Array::New(env, strings.size());
    for (uint32_t i = 0; i < strings.size(); ++i) {
        array[i] = Napi::String::New(env, strings[i]);
    }
    return array;
}

Napi::Object to_js(Napi::Env env, const ModelFacts& facts, double load_us) {
    auto object = Napi::Object::New(env);
    object.Set("contract", name_of(facts.contract));
    object.Set("backends", to_js(env, facts.backends));
    set(object, "vocabSize", static_cast<double>(facts.vocab_size));
    set(object, "contextLength", static_cast<double>(facts.context_length));
    set(object, "prefillLength", static_cast<double>(facts.prefill_length));
    set(object, "verifyLength", static_cast<double>(facts.verify_length));
    object.Set("kvCache", facts.kv_cache);
    object.Set("keepsState", facts.keeps_state);
    object.Set("rewinds", facts.rewinds);
    set(object, "stateBytes", static_cast<double>(facts.state_bytes));
    object.Set("dynamicShape", facts.dynamic_shape);
    auto logits = Napi::Object::New(env);
    logits.Set("dtype", name_of(facts.logits_dtype));
    logits.Set("positions", name_of(facts.logits_positions));
    object.Set("logits", logits);
    set(object, "layers", facts.layers);
    set(object, "bosId", facts.bos_id);
    if (!facts.eos_ids.empty()) {
        auto ids = Napi::Array::New(env, facts.eos_ids.size());
        for (uint32_t i = 0; i < facts.eos_ids.size(); ++i) {
            ids[i] = Napi::Number::New(env, static_cast<double>(facts.eos_ids[i]));
        }
        object.Set("eosIds", ids);
    }
    if (!facts.performance_fault.empty()) {
        object.Set("performanceFault", facts.performance_fault);
    }
    set(object, "loadUs", load_us);
    return object;
}

Napi::Object to_js(Napi::Env env, const Step& step) {
    auto object = Napi::Object::New(env);
    set(object, "token", step.token);
    set(object, "position", static_cast<double>(step.position));
    set(object, "samplingUs", step.sampling_us);
    if (step.accepted) {
        object.Set("accepted", true);
    }
    set(object, step.timings);
    return object;
}

Napi::Object to_js(Napi::Env env, const Benchmark& benchmark) {
    auto object = Napi::Object::New(env);
    auto steps = Napi::Array::New(env, benchmark.steps.size());
    for (uint32_t i = 0; i < benchmark.steps.size(); ++i) {
        steps[i] = to_js(env, benchmark.steps[i]);
    }
    object.Set("steps", steps);
    set(object, "wallUs", benchmark.wall_us);
    return object;
}

Napi::Object to_js(Napi::Env env, const PrefillChunk& chunk) {
    auto object = Napi::Object::New(env);
    set(object, "tokens", static_cast<double>(chunk.tokens));
    set(object, chunk.timings);
    return object;
}

Napi::Object to_js(Napi::Env env, const Prefill& prefill) {
    auto object = Napi::Object::New(env);
    set(object, "position", static_cast<double>(prefill.position));
    auto chunks = Napi::Array::New(env, prefill.chunks.size());
    for (uint32_t i = 0; i < prefill.chunks.size(); ++i) {
        chunks[i] = to_js(env, prefill.chunks[i]);
    }
    object.Set("chunks", chunks);
    object.Set("stopped", prefill.stopped);
    return object;
}

Napi::Object to_js(Napi::Env env, const LoadProgress& progress) {
    auto object = Napi::Object::New(env);
    object.Set("stage", name_of(progress.stage));
    set(object, "bytesDone", static_cast<double>(progress.bytes_done));
    set(object, "bytesTotal", static_cast<double>(progress.bytes_total));
    return object;
}

}  // namespace wyvern
