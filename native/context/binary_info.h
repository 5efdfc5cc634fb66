#pragma once

#include <string>
#include <vector>

#include "tensor_info.h"

namespace wyvern {

/// One compiled graph of a context binary.
struct GraphFacts {
    std::string name;
    std::vector<TensorInfo> inputs;
    std::vector<TensorInfo> outputs;
};

/// The description in a context binary.
struct BinaryFacts {
    std::string path;
    size_t bytes = 0;
    /// Release that compiled it, e.g. `v2.49.40.260810104044`; empty if the file does not say.
    std::string build_id;
    std::vector<GraphFacts> graphs;
};

/// Reads the description of a context binary with Qualcomm's system library (`use_qnn` comes first). It loads nothing
/// on the accelerator, and works on machines without one. `path` is absolute, in UTF-8. The library parses the file, so
/// a hostile one may end the process. Throws `file-not-found`, `file-unreadable`, `program-invalid`,
/// `program-unsupported`.
BinaryFacts read_binary(const std::string& path);

}  // namespace wyvern
