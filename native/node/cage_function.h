#pragma once

#include <napi.h>

namespace wyvern {

/// `enterCage` of index.d.ts.
Napi::Value enter_cage_from_js(const Napi::CallbackInfo& info);

}  // namespace wyvern
