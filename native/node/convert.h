#pragma once

#include <napi.h>

#include "../model/load.h"
#include "../model/session.h"

namespace wyvern {

/// Result of many steps in one call.
struct Benchmark {
    std::vector<Step> steps;
    double wall_us = 0;
};

// These convert C++ values to the objects of index.d.ts. An absent value has no property in JavaScript.

Napi::Object to_js(Napi::Env env, const ModelFacts& facts, double load_us);
Napi::Object to_js(Napi::Env env, const Step& step);
Napi::Object to_js(Napi::Env env, const Benchmark& benchmark);
Napi::Object to_js(Napi::Env env, const PrefillChunk& chunk);
Napi::Object to_js(Napi::Env env, const Prefill& prefill);
Napi::Object to_js(Napi::Env env, const LoadProgress& progress);
Napi::Array to_js(Napi::Env env, const std::vector<std::string>& strings);

}  // namespace wyvern
