#include <dlfcn.h>

#include "paths.h"
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

std::string own_folder() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) {
        return {};
    }
    return utf8_of(std::filesystem::path(info.dli_fname).parent_path());
}

std::string shared_library_name(const std::string& stem) { return "lib" + stem + ".so"; }

}  // namespace wyvern
