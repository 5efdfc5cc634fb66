#pragma once

#include <napi.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "guards.h"

namespace wyvern {

/// One worker thread and the channel back to JavaScript: the pattern of every asynchronous call of the addon.
///
///     return async.run(env, [state] { return state->session->next(); },       // on the worker
///                           [](Napi::Env env, Step& step) { return to_js(env, step); });  // in JavaScript's thread
///
/// Lifetime: the captures of the two functions are destroyed on the JavaScript thread after the promise settles. An
/// object that they own therefore outlives its call, even if JavaScript drops it. Work in flight keeps the event loop
/// alive; an idle worker does not. When the environment ends, it calls `interrupt` and waits for the worker.
/// `process.exit` ends the process without ending the environment; `await_at_exit` covers that. Threads: call
/// everything except `notify` on the JavaScript thread.
class Async {
 public:
    /// `interrupt` asks running work to end soon. It may be called at any time while this object exists.
    Async(Napi::Env env, std::function<void()> interrupt);
    ~Async();
    Async(const Async&) = delete;
    Async& operator=(const Async&) = delete;

    /// Runs `work` on the worker and settles the promise with `convert(env, result)`, or with the `NativeError` that
    /// either threw. Then the worker runs `afterwards`, which must not throw, while JavaScript continues. `afterwards`
    /// ends before other work runs on the worker, before `rest` returns and before this object is destroyed.
    template <typename Work, typename Convert>
    Napi::Value run(Napi::Env env, Work work, Convert convert, std::function<void()> afterwards = {});

    /// Call it from running work: calls `message` on the JavaScript thread before that work's promise settles.
    void notify(std::function<void(Napi::Env)> message);

    bool busy() const { return in_flight_ > 0; }

    /// Makes process exit wait for the workers of all objects before it unloads the libraries loaded so far: unloading
    /// them under running work crashes. Call it after each load of libraries.
    static void await_at_exit();

    /// Waits until the worker is idle. Call it only while not `busy`, so that it waits only for `afterwards`.
    void rest();

    /// Ends the worker as soon as it is idle, and waits for that. It accepts no work afterwards.
    void finish();

 private:
    struct Message {
        virtual ~Message() = default;
        /// On the JavaScript thread.
        virtual void deliver(Napi::Env env) = 0;
    };
    struct Task : Message {
        /// On the worker.
        virtual void work() = 0;

        std::function<void()> afterwards;
    };
    template <typename Work, typename Convert>
    struct TaskOf;
    struct Notice;

    static void deliver(Napi::Env env, Napi::Function, void*, Message* message);
    using Channel = Napi::TypedThreadSafeFunction<void, Message, &Async::deliver>;

    void start(Napi::Env env, std::unique_ptr<Task> task);
    void settled(Napi::Env env);
    void send(std::unique_ptr<Message> message);
    void loop();
    static void end_with_environment(void* self);

    napi_env env_;
    std::function<void()> interrupt_;
    Channel channel_;
    size_t in_flight_ = 0;
    bool environment_ended_ = false;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Task>> queue_;
    /// Results that could not be delivered because the environment is ending.
    std::vector<std::unique_ptr<Message>> undeliverable_;
    bool finishing_ = false;
    bool idle_ = true;
    std::condition_variable became_idle_;
    std::thread thread_;
};

template <typename Work, typename Convert>
struct Async::TaskOf final : Task {
    using Result = decltype(std::declval<Work&>()());

    TaskOf(Async& async, Napi::Env env, Work work, Convert convert)
        : async(async),
          deferred(Napi::Promise::Deferred::New(env)),
          perform(std::move(work)),
          convert(std::move(convert)) {}

    void work() override {
        try {
            result.emplace(perform());
        } catch (const Failure& error) {
            failure = error;
        } catch (const std::bad_alloc&) {
            failure.emplace(FailureCode::out_of_memory, "There is not enough memory.");
        } catch (const std::exception& error) {
            failure.emplace(FailureCode::execution_failed, error.what());
        }
    }

    void deliver(Napi::Env env) override {
        async.settled(env);
        try {
            if (failure) {
                throw *failure;
            }
            deferred.Resolve(convert(env, *result));
        } catch (const Failure& error) {
            deferred.Reject(to_js_error(env, error).Value());
        } catch (const Napi::Error& error) {
            deferred.Reject(error.Value());
        }
    }

    Async& async;
    Napi::Promise::Deferred deferred;
    Work perform;
    Convert convert;
    std::optional<Result> result;
    std::optional<Failure> failure;
};

template <typename Work, typename Convert>
Napi::Value Async::run(Napi::Env env, Work work, Convert convert, std::function<void()> afterwards) {
    auto task = std::make_unique<TaskOf<Work, Convert>>(*this, env, std::move(work), std::move(convert));
    task->afterwards = std::move(afterwards);
    const Napi::Value promise = task->deferred.Promise();
    start(env, std::move(task));
    return promise;
}

}  // namespace wyvern
