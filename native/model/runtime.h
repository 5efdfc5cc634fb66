#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace wyvern {

/// Release of ExecuTorch the addon was built against, e.g. `1.5.0`.
const char* executorch_version();

/// Registered backends, e.g. `XnnpackBackend`.
std::vector<std::string> registered_backends();

/// Registered operators that upstream's SDK does not ship, e.g. `llama::custom_sdpa.out`.
std::vector<std::string> own_operators();

/// Those of `names` that no kernel is registered for, each once, in their order.
std::vector<std::string> missing_operators(const std::vector<std::string>& names);

/// Throws `runtime-incomplete` if what every build carries is not registered: the CPU's backend, operators of each library
/// and of our own, a thread pool. A linker may drop what only registers itself, and a processor may be one that the thread
/// pool's library does not know; either would otherwise show as a strange failure of the first model.
void check_runtime();

/// Threads of the pool that kernels and XNNPACK share, the calling thread included.
size_t thread_count();

/// While it lives, a model relies on the thread pool, which therefore keeps its size: XNNPACK holds on to it from the
/// moment a program is loaded.
class ThreadPoolUse {
 public:
    /// Sizes the pool if nobody uses it: as asked, else one thread for each physical performance core that this process
    /// may use. Throws `invalid-argument` if `threads` differs from the size that a loaded model holds.
    explicit ThreadPoolUse(std::optional<size_t> threads);
    ~ThreadPoolUse();
    ThreadPoolUse(const ThreadPoolUse&) = delete;
    ThreadPoolUse& operator=(const ThreadPoolUse&) = delete;
};

}  // namespace wyvern
