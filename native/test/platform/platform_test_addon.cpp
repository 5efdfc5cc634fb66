/// Lets JavaScript call native/platform. Test only; see platform-test-addon.ts for its types. It trusts its caller.

#include <napi.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

#include "../../platform/output_capture.h"
#include "../../platform/paths.h"
#include "../../platform/shared_library.h"

namespace {

using namespace wyvern;

std::string text(const Napi::CallbackInfo& info, size_t index) { return info[index].As<Napi::String>().Utf8Value(); }

void write_raw(const std::string& words) {
#ifdef _WIN32
    _write(2, words.data(), static_cast<unsigned>(words.size()));
#else
    if (write(2, words.data(), words.size()) < 0) {
        std::perror("write");
    }
#endif
}

/// (both, output, error, raw) → what was captured of words that the C library and the descriptor write.
Napi::Value capture(const Napi::CallbackInfo& info) {
    const bool both = info[0].As<Napi::Boolean>();
    OutputCapture capture(both ? OutputCapture::Streams::both : OutputCapture::Streams::error);
    if (both) {
        std::fputs(text(info, 1).c_str(), stdout);
    }
    std::fputs(text(info, 2).c_str(), stderr);
    std::fflush(stderr);
    write_raw(text(info, 3));
    const OutputCapture::Text captured = capture.take();
    auto result = Napi::Object::New(info.Env());
    result.Set("output", captured.output);
    result.Set("error", captured.error);
    return result;
}

Napi::Value release(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), file_release(text(info, 0)));
}

Napi::Value folder(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), own_folder()); }

/// (path, symbol) → whether the library was loaded and has the symbol, or the loader's reason.
Napi::Value load(const Napi::CallbackInfo& info) {
    const SharedLibrary library = keep_shared_library(text(info, 0));
    auto result = Napi::Object::New(info.Env());
    result.Set("loaded", library.handle != nullptr);
    result.Set("reason", library.reason);
    result.Set("hasSymbol", library.handle != nullptr && symbol_of(library, text(info, 1).c_str()) != nullptr);
    return result;
}

/// path → the file's content, read through `path_of`; undefined if it cannot be opened.
Napi::Value content(const Napi::CallbackInfo& info) {
    std::ifstream file(path_of(text(info, 0)), std::ios::binary);
    if (!file) {
        return info.Env().Undefined();
    }
    return Napi::String::New(info.Env(), std::string(std::istreambuf_iterator<char>(file), {}));
}

/// path → the same path after a round trip through the system's encoding.
Napi::Value round_trip(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), utf8_of(path_of(text(info, 0))));
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
    exports.Set("capture", Napi::Function::New<capture>(env));
    exports.Set("fileRelease", Napi::Function::New<release>(env));
    exports.Set("ownFolder", Napi::Function::New<folder>(env));
    exports.Set("load", Napi::Function::New<load>(env));
    exports.Set("content", Napi::Function::New<content>(env));
    exports.Set("roundTrip", Napi::Function::New<round_trip>(env));
    exports.Set("libraryName", Napi::String::New(env, shared_library_name("QnnHtp")));
    return exports;
}

}  // namespace

NODE_API_MODULE(platform_test, init)
