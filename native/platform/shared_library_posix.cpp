#include <dlfcn.h>

#include "shared_library.h"

namespace wyvern {

std::string keep_shared_library(const std::string& path) {
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) {
        return {};
    }
    const char* reason = dlerror();
    return reason != nullptr ? reason : "the loader gave no reason";
}

std::string shared_library_name(const std::string& stem) { return "lib" + stem + ".so"; }

}  // namespace wyvern
