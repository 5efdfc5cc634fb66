#include "cage_function.h"

#include "../cage/cage.h"
#include "convert.h"
#include "guards.h"

namespace wyvern {

Napi::Value enter_cage_from_js(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    return throwing(env, [&]() -> Napi::Value {
        const OptionsReader reader(info[0], {"readable", "sharedMemory", "landlock", "seccomp"});
        CageOptions options;
        if (const auto field = reader.get("readable")) {
            options.readable = expect_strings(*field, "readable");
        }
        if (const auto field = reader.get("sharedMemory")) {
            options.shared_memory = expect_boolean(*field, "sharedMemory");
        }
        if (const auto field = reader.get("landlock")) {
            options.landlock = expect_boolean(*field, "landlock");
        }
        if (const auto field = reader.get("seccomp")) {
            options.seccomp = expect_boolean(*field, "seccomp");
        }
        const Cage cage = enter_cage(options);
        auto object = Napi::Object::New(env);
        object.Set("reads", cage.reads);
        object.Set("writes", cage.writes);
        object.Set("connections", cage.connections);
        object.Set("processes", cage.processes);
        object.Set("missing", to_js(env, cage.missing));
        return object;
    });
}

}  // namespace wyvern
