#include "runtime_functions.h"

#include <memory>
#include <string>

#include "../log.h"
#include "../model/runtime.h"
#include "../tokenizer/sentencepiece.h"
#include "convert.h"
#include "guards.h"

namespace wyvern {

namespace {

const char* name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            break;
    }
    return "error";
}

LogLevel expect_level(const Napi::Value& value) {
    const std::string name = expect_string(value, "level");
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (name == name_of(level)) {
            return level;
        }
    }
    throw Failure(FailureCode::invalid_argument, "level must be debug, info, warning or error.");
}

struct Line {
    LogLevel level;
    std::string text;
};

void call_listener(Napi::Env env, Napi::Function listener, void*, Line* raw) {
    const std::unique_ptr<Line> line(raw);
    if (static_cast<napi_env>(env) == nullptr) {
        return;
    }
    try {
        listener.Call({Napi::String::New(env, name_of(line->level)), Napi::String::New(env, line->text)});
    } catch (const Napi::Error&) {
        // Ignore a listener's exception.
    }
}

using Channel = Napi::TypedThreadSafeFunction<void, Line, &call_listener>;
/// A slow listener loses lines, so that it does not delay the runtime.
constexpr size_t most_queued_lines = 4096;

void silence(void*) { set_log_sink(LogLevel::error, {}); }

}  // namespace

Napi::Value runtime_info(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    auto object = Napi::Object::New(env);
    object.Set("executorch", executorch_version());
    object.Set("sentencepiece", sentencepiece_version);
    object.Set("backends", to_js(env, registered_backends()));
    object.Set("ownOperators", to_js(env, own_operators()));
    object.Set("threads", static_cast<double>(thread_count()));
    return object;
}

Napi::Value missing_operators_from_js(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    return throwing(env, [&] { return to_js(env, missing_operators(expect_strings(info[0], "names"))); });
}

void set_log(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    throwing(env, [&] {
        const LogLevel level = expect_level(info[0]);
        if (info[1].IsUndefined()) {
            set_log_sink(level, {});
            return;
        }
        auto channel = std::shared_ptr<Channel>(
            new Channel(Channel::New(env, expect_function(info[1], "listener"), "wyvern log", most_queued_lines, 1)),
            [](Channel* channel) {
                channel->Release();
                delete channel;
            });
        channel->Unref(env);
        set_log_sink(level, [channel](LogLevel level, const std::string& text) {
            auto line = std::make_unique<Line>(Line{level, text});
            if (channel->NonBlockingCall(line.get()) == napi_ok) {
                line.release();
            }
        });
        // Registered after the channel's own hook, so it runs before it: no line may follow after the channel closes.
        napi_remove_env_cleanup_hook(env, &silence, nullptr);
        napi_add_env_cleanup_hook(env, &silence, nullptr);
    });
}

}  // namespace wyvern
