#pragma once

#include <napi.h>

namespace wyvern {

/// `useQnn` of index.d.ts.
Napi::Value use_qnn_from_js(const Napi::CallbackInfo& info);

}  // namespace wyvern
