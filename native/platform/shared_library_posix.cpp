#include <dlfcn.h>

#include "shared_library.h"

namespace wyvern {

SharedLibrary keep_shared_library(const std::string& path) {
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (handle != nullptr) {
        return {handle, {}};
    }
    const char* reason = dlerror();
    return {nullptr, reason != nullptr ? reason : "the loader gave no reason"};
}

void* symbol_of(const SharedLibrary& library, const char* name) { return dlsym(library.handle, name); }

std::string file_release(const std::string&) { return {}; }

std::string shared_library_name(const std::string& stem) { return "lib" + stem + ".so"; }

}  // namespace wyvern
