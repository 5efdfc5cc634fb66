#pragma once

#include <optional>
#include <string>
#include <vector>

#include "embedding_table.h"
#include "rotation.h"

namespace wyvern {

/// What a model in context binaries needs beside them; the fields of `ContextOptions` in index.d.ts.
struct ContextOptions {
    /// Absolute paths, UTF-8, in any order.
    std::vector<std::string> binaries;
    Rotation rotation;
    /// For models whose embedding runs on the CPU.
    std::optional<EmbeddingOptions> embedding;
};

}  // namespace wyvern
