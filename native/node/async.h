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

/// One worker thread and the way back from it: the one shape that every asynchronous call of the addon has.
///
///     return async.run(env, [state] { return state->session->next(); },       // on the worker
///                           [](Napi::Env env, Step& step) { return to_js(env, step); });  // in JavaScript's thread
///
/// Lifetime: what the two functions capture is destroyed on the JavaScript thread, after the promise is settled, so an
/// object that captured functions share ownership of outlives its call even if JavaScript lets go of it.
/// While work is in flight the event loop stays alive; an idle worker does not keep the process.
/// When the process or its environment ends, `interrupt` is called and the worker is awaited; `process.exit` ends the
/// process without ending the environment, so for that see `await_at_exit`.
/// Threads: everything here but `notify` is for the JavaScript thread.
class Async {
 public:
    /// `interrupt` asks running work to end soon; it may be called at any time until this object is gone.
    Async(Napi::Env env, std::function<void()> interrupt);
    ~Async();
    Async(const Async&) = delete;
    Async& operator=(const Async&) = delete;

    /// Runs `work` on the worker and settles the promise: with `convert(env, result)`, or with the `NativeError` of
    /// what either threw. Then, while JavaScript goes on, the worker runs `afterwards`, which must not throw, and which
    /// is over before anything else runs on the worker, `rest` returns or this object is gone.
    template <typename Work, typename Convert>
    Napi::Value run(Napi::Env env, Work work, Convert convert, std::function<void()> afterwards = {});

    /// From running work: has `message` called on the JavaScript thread, before the promise of that work is settled.
    void notify(std::function<void(Napi::Env)> message);

    bool busy() const { return in_flight_ > 0; }

    /// From now on the end of the process awaits the workers of all objects before it ends what was loaded until now:
    /// libraries that are taken down under running work crash. Call it after they are loaded, as often as they are.
    static void await_at_exit();

    /// Waits until the worker is idle. Only while not `busy`: then the wait is for `afterwards` alone.
    void rest();

    /// Lets the worker end once it is idle and waits for that. Nothing can run afterwards.
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
    /// What could not be delivered because the environment is ending.
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
