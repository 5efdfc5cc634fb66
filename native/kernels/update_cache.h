#pragma once

#include "arguments.h"

namespace wyvern::kernels {

/// Copies value `[batch, tokens, heads, dim]` over `cache[:, start : start + tokens]`. Writes nothing, fails the call
/// and returns false if shapes or dtypes differ or the tokens do not fit.
bool copy_into_cache(KernelRuntimeContext& context, const Tensor& value, const Tensor& cache, std::int64_t start);

}  // namespace wyvern::kernels
