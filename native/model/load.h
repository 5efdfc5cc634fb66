#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../context/context_options.h"

namespace wyvern {

class Session;

/// State that a program keeps from call to call.
enum class KeptState {
    /// KV caches alone, or nothing.
    caches,
    /// More than KV caches, e.g. the last inputs of a convolution.
    more,
    /// The file does not say, or nobody read it.
    unclear
};

/// The fields of `LoadOptions` in index.d.ts; paths are absolute, in UTF-8.
struct LoadOptions {
    std::string program_path;
    std::vector<std::string> data_paths;
    std::optional<size_t> threads;
    bool warm_up = true;
    /// The KV cache is a ring of twice as many slots as its window: the program calls
    /// `llama::update_cache_with_indices`, which overwrites the oldest slots.
    bool recycles_slots = false;
    /// A model in context binaries instead of a program; `program_path` then is its configuration.
    std::optional<ContextOptions> contexts;
    KeptState kept_state = KeptState::unclear;
};

enum class LoadStage { read, verify, prepare, warm_up };

struct LoadProgress {
    LoadStage stage;
    uint64_t bytes_done;
    uint64_t bytes_total;
};

/// Called on the loading thread.
using ProgressListener = std::function<void(const LoadProgress&)>;

/// Opens a program, detects its calling convention and prepares it to run. Throws `Failure`; the message of
/// `program-unsupported` names the difference from the convention.
std::unique_ptr<Session> load_session(const LoadOptions& options, const ProgressListener& progress);

}  // namespace wyvern
