#include <napi.h>

#include "kernels/guarded.h"
#include "log.h"
#include "model/runtime.h"
#include "node/cage_function.h"
#include "node/context_functions.h"
#include "node/guards.h"
#include "node/model_object.h"
#include "node/qnn_function.h"
#include "node/runtime_functions.h"
#include "node/sampler_object.h"
#include "node/sentencepiece_object.h"

namespace {

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
    wyvern::take_over_runtime_log();
    wyvern::throwing(env, [] { wyvern::check_runtime(); });
    wyvern::kernels::guard_kernels();
    exports.Set("Model", wyvern::ModelObject::define(env));
    exports.Set("Sampler", wyvern::SamplerObject::define(env));
    exports.Set("SentencePiece", wyvern::SentencePieceObject::define(env));
    exports.Set("runtimeInfo", Napi::Function::New<wyvern::runtime_info>(env, "runtimeInfo"));
    exports.Set("missingOperators",
                Napi::Function::New<wyvern::missing_operators_from_js>(env, "missingOperators"));
    exports.Set("enterCage", Napi::Function::New<wyvern::enter_cage_from_js>(env, "enterCage"));
    exports.Set("useQnn", Napi::Function::New<wyvern::use_qnn_from_js>(env, "useQnn"));
    exports.Set("describeContexts",
                Napi::Function::New<wyvern::describe_contexts_from_js>(env, "describeContexts"));
    exports.Set("setLog", Napi::Function::New<wyvern::set_log>(env, "setLog"));
    return exports;
}

}  // namespace

NODE_API_MODULE(wyvern, initialise)
