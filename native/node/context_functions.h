#pragma once

#include <napi.h>

#include "../context/context_options.h"

namespace wyvern {

/// Reads `ContextOptions` of index.d.ts. Throws `invalid-argument`.
ContextOptions read_context_options(const Napi::Value& value);

/// `describeContexts` of index.d.ts.
Napi::Value describe_contexts_from_js(const Napi::CallbackInfo& info);

}  // namespace wyvern
