#include "model_object.h"

#include <atomic>
#include <chrono>
#include <optional>

#include "../model/cores.h"
#include "../model/load.h"
#include "../model/runtime.h"
#include "../model/session.h"
#include "async.h"
#include "context_functions.h"
#include "convert.h"
#include "guards.h"
#include "sampler_object.h"

namespace wyvern {

namespace {

constexpr int64_t most_threads = 256;
constexpr int64_t largest_position = int64_t{1} << 31;

double microseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

KeptState read_kept_state(const Napi::Value& value) {
    const std::string name = expect_string(value, "keptState");
    if (name == "caches") {
        return KeptState::caches;
    }
    if (name == "more") {
        return KeptState::more;
    }
    if (name == "unclear") {
        return KeptState::unclear;
    }
    throw Failure(FailureCode::invalid_argument, "keptState must be `caches`, `more` or `unclear`.");
}

Drafting read_drafting(const Napi::Value& options) {
    const OptionsReader reader(options, {"promptLookup"});
    const auto field = reader.get("promptLookup");
    const std::string name = field ? expect_string(*field, "promptLookup") : "measured";
    if (name == "measured") {
        return Drafting::measured;
    }
    if (name == "always") {
        return Drafting::always;
    }
    if (name == "off") {
        return Drafting::off;
    }
    throw Failure(FailureCode::invalid_argument, "promptLookup must be `measured`, `always` or `off`.");
}

LoadOptions read_load_options(const OptionsReader& reader) {
    LoadOptions options;
    const auto program = reader.get("programPath");
    if (!program) {
        throw Failure(FailureCode::invalid_argument, "programPath is missing.");
    }
    options.program_path = expect_string(*program, "programPath");
    if (const auto field = reader.get("dataPaths")) {
        options.data_paths = expect_strings(*field, "dataPaths");
    }
    if (const auto field = reader.get("threads")) {
        options.threads = static_cast<size_t>(expect_integer(*field, "threads", 1, most_threads));
    }
    if (const auto field = reader.get("warmUp")) {
        options.warm_up = expect_boolean(*field, "warmUp");
    }
    if (const auto field = reader.get("recyclesSlots")) {
        options.recycles_slots = expect_boolean(*field, "recyclesSlots");
    }
    if (const auto field = reader.get("contexts")) {
        options.contexts = read_context_options(*field);
    }
    if (const auto field = reader.get("keptState")) {
        options.kept_state = read_kept_state(*field);
    }
    return options;
}

/// A JavaScript function for work in flight. It is called and released on the JavaScript thread, where its work is
/// destroyed after the last message.
class Listener {
 public:
    Listener(const std::optional<Napi::Value>& value, std::string_view name) {
        if (value) {
            *function_ = Napi::Persistent(expect_function(*value, name));
        }
    }

    /// Called on the worker.
    template <typename Event>
    void tell(Async& async, const Event& event) const {
        if (function_->IsEmpty()) {
            return;
        }
        async.notify([function = function_.get(), event](Napi::Env env) {
            try {
                function->Call({to_js(env, event)});
            } catch (const Napi::Error&) {
                // Ignore a listener's exception.
            }
        });
    }

 private:
    std::shared_ptr<Napi::FunctionReference> function_ = std::make_shared<Napi::FunctionReference>();
};

}  // namespace

/// The state that outlives the JavaScript object while work is in flight. The worker uses `session` while the state is
/// busy, the JavaScript thread while it is not. Only the JavaScript thread uses the other fields, except `stop`.
struct ModelObject::State {
    explicit State(Napi::Env env) : async(env, [this] { stop = true; }) {}

    ~State() {
        // After `async` finished, no work runs on the worker, so the model can be freed here.
        stop = true;
        async.finish();
    }

    void must_be_idle() const {
        if (closed) {
            throw Failure(FailureCode::closed, "The model is closed.");
        }
        if (async.busy()) {
            throw Failure(FailureCode::busy, "Another call is in flight on this model.");
        }
    }

    /// The session, for the JavaScript thread. Waits while the worker runs ahead, for at most one step.
    Session& session_at_rest() {
        must_be_idle();
        async.rest();
        return *session;
    }

    std::optional<ThreadPoolUse> threads;
    std::unique_ptr<Session> session;
    std::atomic<bool> stop = false;
    size_t position = 0;
    bool closed = false;
    Async async;
};

Napi::Function ModelObject::define(Napi::Env env) {
    const auto constructor = DefineClass(
        env, "Model",
        {StaticMethod<&ModelObject::load>("load"), InstanceAccessor<&ModelObject::facts>("facts", napi_enumerable),
         InstanceAccessor<&ModelObject::position>("position", napi_enumerable),
         InstanceMethod<&ModelObject::prefill>("prefill"), InstanceMethod<&ModelObject::next>("next"),
         InstanceMethod<&ModelObject::benchmark>("benchmark"), InstanceMethod<&ModelObject::seek>("seek"),
         InstanceMethod<&ModelObject::logits>("logits"), InstanceMethod<&ModelObject::stop>("stop"),
         InstanceMethod<&ModelObject::close>("close")});
    // `load` makes instances even if JavaScript changed the exported name.
    auto* reference = new Napi::FunctionReference(Napi::Persistent(constructor));
    env.SetInstanceData(reference);
    return constructor;
}

ModelObject::ModelObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    throwing(info.Env(), [&] {
        if (!info[0].IsExternal()) {
            throw Failure(FailureCode::invalid_argument, "Use Model.load to make a Model.");
        }
        state_ = *info[0].As<Napi::External<std::shared_ptr<State>>>().Data();
    });
    facts_ = Napi::Persistent(info[1].As<Napi::Object>());
}

Napi::Value ModelObject::load(const Napi::CallbackInfo& info) {
    return rejecting(info.Env(), [&]() -> Napi::Value {
        if (info[0].IsUndefined()) {
            throw Failure(FailureCode::invalid_argument, "The options must be an object.");
        }
        const OptionsReader reader(info[0], {"programPath", "dataPaths", "threads", "warmUp", "recyclesSlots",
                                             "keptState", "contexts", "onProgress"});
        auto options = read_load_options(reader);
        const Listener listener(reader.get("onProgress"), "onProgress");

        auto state = std::make_shared<State>(info.Env());
        const auto work = [state, listener, options = std::move(options)] {
            const auto start = std::chrono::steady_clock::now();
            state->threads.emplace(options.threads);
            state->session = load_session(options, [&](const LoadProgress& progress) {
                if (state->stop) {
                    throw Failure(FailureCode::closed, "The process is ending.");
                }
                listener.tell(state->async, progress);
            });
            Async::await_at_exit();
            return microseconds_since(start);
        };
        return state->async.run(info.Env(), work, [state](Napi::Env env, double load_us) -> Napi::Value {
            auto shared = state;
            return env.GetInstanceData<Napi::FunctionReference>()->New(
                {Napi::External<std::shared_ptr<State>>::New(env, &shared),
                 to_js(env, state->session->facts(), load_us)});
        });
    });
}

Napi::Value ModelObject::facts(const Napi::CallbackInfo&) { return facts_.Value(); }

Napi::Value ModelObject::position(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(state_->position));
}

Napi::Value ModelObject::prefill(const Napi::CallbackInfo& info) {
    return rejecting(info.Env(), [&] {
        state_->must_be_idle();
        auto tokens = expect_int32_array(info[0], "tokens");
        const Listener listener(info[1].IsUndefined() ? std::nullopt : std::optional(info[1]), "onChunk");
        // Reset it here, not on the worker: a `stop` right after this call must count.
        state_->stop = false;
        return state_->async.run(
            info.Env(),
            [state = state_, tokens = std::move(tokens), listener] {
                return state->session->prefill(tokens, state->stop,
                                               [&](const PrefillChunk& chunk) { listener.tell(state->async, chunk); });
            },
            [state = state_](Napi::Env env, const Prefill& prefill) {
                state->position = prefill.position;
                return to_js(env, prefill);
            });
    });
}

Napi::Value ModelObject::next(const Napi::CallbackInfo& info) {
    return rejecting(info.Env(), [&] {
        state_->must_be_idle();
        auto sampler = SamplerObject::expect(info[0]);
        const Drafting drafting = read_drafting(info[1]);
        return state_->async.run(
            info.Env(),
            [state = state_, sampler = std::move(sampler), drafting] {
                return state->session->next(*sampler, drafting);
            },
            [state = state_](Napi::Env env, const Step& step) {
                state->position = step.position;
                return to_js(env, step);
            },
            // The worker feeds this token while JavaScript handles it. A plain pointer is safe, because the state waits
            // for its worker.
            [state = state_.get(), drafting] { state->session->run_ahead(drafting); });
    });
}

Napi::Value ModelObject::benchmark(const Napi::CallbackInfo& info) {
    return rejecting(info.Env(), [&] {
        state_->must_be_idle();
        auto sampler = SamplerObject::expect(info[0]);
        const auto count = static_cast<size_t>(expect_integer(info[1], "count", 1, largest_position));
        return state_->async.run(
            info.Env(),
            [state = state_, sampler = std::move(sampler), count] {
                Benchmark result;
                const auto start = std::chrono::steady_clock::now();
                while (result.steps.size() < count &&
                       state->session->position() < state->session->facts().context_length) {
                    result.steps.push_back(state->session->next(*sampler));
                }
                result.wall_us = microseconds_since(start);
                return result;
            },
            [state = state_](Napi::Env env, const Benchmark& result) {
                state->position = state->session->position();
                return to_js(env, result);
            });
    });
}

void ModelObject::seek(const Napi::CallbackInfo& info) {
    throwing(info.Env(), [&] {
        state_->must_be_idle();
        const auto position = expect_integer(info[0], "position", 0, largest_position);
        Session& session = state_->session_at_rest();
        session.seek(static_cast<size_t>(position));
        state_->position = session.position();
    });
}

Napi::Value ModelObject::logits(const Napi::CallbackInfo& info) {
    return throwing(info.Env(), [&]() -> Napi::Value {
        const auto logits = state_->session_at_rest().logits();
        if (!logits) {
            return info.Env().Undefined();
        }
        auto array = Napi::Float32Array::New(info.Env(), logits->size());
        std::copy(logits->begin(), logits->end(), array.Data());
        return array;
    });
}

void ModelObject::stop(const Napi::CallbackInfo&) { state_->stop = true; }

Napi::Value ModelObject::close(const Napi::CallbackInfo& info) {
    return rejecting(info.Env(), [&]() -> Napi::Value {
        if (!closing_.IsEmpty()) {
            return closing_.Value();
        }
        state_->must_be_idle();
        state_->closed = true;
        const Napi::Value promise = state_->async.run(
            info.Env(),
            [state = state_] {
                state->session.reset();
                state->threads.reset();
                release_freed_memory();
                return true;
            },
            [state = state_](Napi::Env env, bool) {
                state->async.finish();
                return env.Undefined();
            });
        closing_ = Napi::Reference<Napi::Value>::New(promise, 1);
        return promise;
    });
}

}  // namespace wyvern
