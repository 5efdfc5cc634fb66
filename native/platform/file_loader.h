#pragma once

#include <executorch/runtime/core/data_loader.h>

#include <memory>
#include <string>

namespace wyvern {

/// Gives the runtime the parts of a file by mapping them: what it frees is unmapped again, so that weights which a backend
/// has packed take no memory any more. `path` is absolute, in UTF-8. Returns nothing if the file cannot be opened.
std::unique_ptr<executorch::runtime::DataLoader> map_file(const std::string& path);

}  // namespace wyvern
