#pragma once

#include <executorch/runtime/core/function_ref.h>

#include <cstdint>

namespace wyvern::kernels {

/// Threads of the runtime's shared pool, the caller's included; at least 1.
std::int64_t thread_count();

/// Calls `task(0) … task(count - 1)`, each once, on the pool; returns when all have. One task runs on the caller alone.
bool run_tasks(std::int64_t count, executorch::runtime::FunctionRef<void(std::int64_t)> task);

}  // namespace wyvern::kernels
