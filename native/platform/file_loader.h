#pragma once

#include <executorch/runtime/core/data_loader.h>

#include <memory>
#include <string>

namespace wyvern {

/// Maps the parts of a file that the runtime reads, and unmaps the parts that it frees, so that weights take no memory
/// after a backend packed them. `path` is absolute, in UTF-8. Returns nothing if the file cannot be opened.
std::unique_ptr<executorch::runtime::DataLoader> map_file(const std::string& path);

}  // namespace wyvern
