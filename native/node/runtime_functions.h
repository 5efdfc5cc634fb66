#pragma once

#include <napi.h>

namespace wyvern {

/// `runtimeInfo` of index.d.ts.
Napi::Value runtime_info(const Napi::CallbackInfo& info);

/// `missingOperators` of index.d.ts.
Napi::Value missing_operators_from_js(const Napi::CallbackInfo& info);

/// `setLog` of index.d.ts.
void set_log(const Napi::CallbackInfo& info);

}  // namespace wyvern
