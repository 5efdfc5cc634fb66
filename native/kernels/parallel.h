#pragma once

#include <executorch/runtime/core/function_ref.h>

#include <cstdint>

namespace wyvern::kernels {

/// Returns the number of threads of the runtime's shared pool, including the caller's; at least 1.
std::int64_t thread_count();

/// Calls `task(0) … task(count - 1)`, each once, on the pool, and returns when all have finished. A single task runs on
/// the caller's thread.
bool run_tasks(std::int64_t count, executorch::runtime::FunctionRef<void(std::int64_t)> task);

}  // namespace wyvern::kernels
