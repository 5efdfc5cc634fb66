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

/// Registered operators that upstream's SDK lacks, e.g. `llama::custom_sdpa.out`.
std::vector<std::string> own_operators();

/// The `names` without a registered kernel, without repetition, in the given order.
std::vector<std::string> missing_operators(const std::vector<std::string>& names);

/// Throws `runtime-incomplete` if a part of every build is not registered: the CPU's backend, operators of each
/// library, our own operators, a thread pool. A linker may drop self-registering objects, and the thread pool's library
/// may not know the processor. Both would otherwise cause a strange failure of the first model.
void check_runtime();

/// Threads of the pool that kernels and XNNPACK share, including the calling thread.
size_t thread_count();

/// Fixes the thread pool's size while it lives: XNNPACK keeps a pointer to the pool as soon as a program is loaded.
class ThreadPoolUse {
 public:
    /// Sets the pool's size if no model uses it; by default one thread for each physical performance core that this
    /// process may use. Throws `invalid-argument` if `threads` differs from the size that a loaded model holds.
    explicit ThreadPoolUse(std::optional<size_t> threads);
    ~ThreadPoolUse();
    ThreadPoolUse(const ThreadPoolUse&) = delete;
    ThreadPoolUse& operator=(const ThreadPoolUse&) = delete;
};

}  // namespace wyvern
