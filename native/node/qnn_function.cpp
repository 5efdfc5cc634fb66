#include "qnn_function.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "../model/qnn_hold.h"
#include "../model/qnn_runtime.h"
#include "../platform/end_process.h"
#include "guards.h"

namespace wyvern {

namespace {

template <typename Value>
using Named = std::pair<std::string_view, Value>;

constexpr std::array profiles{
    Named<QnnProfile>{"off", QnnProfile::off},
    Named<QnnProfile>{"basic", QnnProfile::basic},
    Named<QnnProfile>{"detailed", QnnProfile::detailed},
};

constexpr std::array performances{
    Named<QnnPerformance>{"default", QnnPerformance::standard},
    Named<QnnPerformance>{"sustained-high", QnnPerformance::sustained_high},
    Named<QnnPerformance>{"burst", QnnPerformance::burst},
    Named<QnnPerformance>{"high", QnnPerformance::high},
    Named<QnnPerformance>{"power-saver", QnnPerformance::power_saver},
    Named<QnnPerformance>{"low-power-saver", QnnPerformance::low_power_saver},
    Named<QnnPerformance>{"high-power-saver", QnnPerformance::high_power_saver},
    Named<QnnPerformance>{"low-balanced", QnnPerformance::low_balanced},
    Named<QnnPerformance>{"balanced", QnnPerformance::balanced},
};

template <typename Table>
auto expect_one_of(const Napi::Value& value, std::string_view name, const Table& table) {
    const std::string given = expect_string(value, name);
    std::string known;
    for (const auto& [word, meaning] : table) {
        if (given == word) {
            return meaning;
        }
        known += (known.empty() ? "" : ", ") + std::string(word);
    }
    throw Failure(FailureCode::invalid_argument, std::string(name) + " must be one of " + known + ".");
}

void end_with_qnn(const Napi::CallbackInfo& info) {
    if (qnn_is_held()) {
        end_process(info[0].ToNumber().Int32Value());
    }
}

/// Only JavaScript learns of the exit before the system unloads libraries, and of the status.
void watch_exit(const Napi::Env& env) {
    static bool watching = false;
    const auto process = env.Global().Get("process").As<Napi::Object>();
    const auto module = process.Get("getBuiltinModule").As<Napi::Function>();
    const auto threads = module.Call(process, {Napi::String::New(env, "worker_threads")}).As<Napi::Object>();
    // A worker thread's `exit` is not the end of the process.
    if (watching || !threads.Get("isMainThread").ToBoolean()) {
        return;
    }
    const auto listener = Napi::Function::New<end_with_qnn>(env, "endWithQnn");
    process.Get("on").As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), listener});
    watching = true;
}

}  // namespace

Napi::Value use_qnn_from_js(const Napi::CallbackInfo& info) {
    return throwing(info.Env(), [&]() -> Napi::Value {
        const OptionsReader reader(info[0], {"folder", "profile", "performance", "onlyContexts"});
        const auto folder = reader.get("folder");
        if (!folder) {
            throw Failure(FailureCode::invalid_argument, "folder is missing.");
        }
        QnnOptions options;
        options.folder = expect_string(*folder, "folder");
        if (const auto field = reader.get("profile")) {
            options.profile = expect_one_of(*field, "profile", profiles);
        }
        if (const auto field = reader.get("performance")) {
            options.performance = expect_one_of(*field, "performance", performances);
        }
        if (const auto field = reader.get("onlyContexts")) {
            options.only_contexts = expect_boolean(*field, "onlyContexts");
        }
        const QnnLibraries libraries = use_qnn(options);
        watch_exit(info.Env());
        auto result = Napi::Object::New(info.Env());
        result.Set("coreApi", Napi::String::New(info.Env(), libraries.core_api));
        if (!libraries.build_id.empty()) {
            result.Set("buildId", Napi::String::New(info.Env(), libraries.build_id));
        }
        return result;
    });
}

}  // namespace wyvern
