#include <executorch/extension/data_loader/mmap_data_loader.h>

#include "file_loader.h"

namespace wyvern {

std::unique_ptr<executorch::runtime::DataLoader> map_file(const std::string& path) {
    using executorch::extension::MmapDataLoader;
    auto loader = MmapDataLoader::from(path.c_str(), MmapDataLoader::MlockConfig::NoMlock);
    return loader.ok() ? std::make_unique<MmapDataLoader>(std::move(*loader)) : nullptr;
}

}  // namespace wyvern
