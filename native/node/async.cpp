#include "async.h"

#include <cstdlib>
#include <set>

namespace wyvern {

namespace {

/// Objects whose worker may still run. Never destroyed, because process exit reads it.
struct Living {
    std::mutex mutex;
    std::set<Async*> all;
};

Living& living() {
    static auto* const objects = new Living;
    return *objects;
}

}  // namespace

struct Async::Notice final : Message {
    explicit Notice(std::function<void(Napi::Env)> message) : message(std::move(message)) {}
    void deliver(Napi::Env env) override { message(env); }

    std::function<void(Napi::Env)> message;
};

Async::Async(Napi::Env env, std::function<void()> interrupt)
    : env_(env), interrupt_(std::move(interrupt)), channel_(Channel::New(env, "wyvern", 0, 1)) {
    channel_.Unref(env);
    // Registered after the channel's own hook, so it runs before it: the worker ends while the channel still exists.
    napi_add_env_cleanup_hook(env_, &Async::end_with_environment, this);
    thread_ = std::thread([this] { loop(); });
    const std::lock_guard lock(living().mutex);
    living().all.insert(this);
}

Async::~Async() {
    {
        const std::lock_guard lock(living().mutex);
        living().all.erase(this);
    }
    finish();
    if (!environment_ended_) {
        napi_remove_env_cleanup_hook(env_, &Async::end_with_environment, this);
        channel_.Release();
    }
}

void Async::end_with_environment(void* self) {
    auto* async = static_cast<Async*>(self);
    async->interrupt_();
    async->finish();
    // Not in the destructor, which may run while the channel closes and holds its lock.
    async->environment_ended_ = true;
    async->channel_.Release();
}

void Async::await_at_exit() {
    std::atexit([] {
        const std::lock_guard lock(living().mutex);
        for (Async* async : living().all) {
            async->interrupt_();
            async->finish();
        }
    });
}

void Async::finish() {
    {
        const std::lock_guard lock(mutex_);
        finishing_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Async::start(Napi::Env env, std::unique_ptr<Task> task) {
    if (in_flight_++ == 0) {
        channel_.Ref(env);
    }
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(task));
    }
    wake_.notify_one();
}

void Async::settled(Napi::Env env) {
    if (--in_flight_ == 0) {
        channel_.Unref(env);
    }
}

void Async::notify(std::function<void(Napi::Env)> message) { send(std::make_unique<Notice>(std::move(message))); }

void Async::send(std::unique_ptr<Message> message) {
    Message* raw = message.release();
    if (channel_.BlockingCall(raw) != napi_ok) {
        const std::lock_guard lock(mutex_);
        undeliverable_.emplace_back(raw);
    }
}

void Async::deliver(Napi::Env env, Napi::Function, void*, Message* raw) {
    const std::unique_ptr<Message> message(raw);
    // Without an environment, no JavaScript can receive it.
    if (static_cast<napi_env>(env) != nullptr) {
        const Napi::HandleScope scope(env);
        try {
            message->deliver(env);
        } catch (const Napi::Error&) {
            // A terminating worker thread refuses every call, and no caller is left.
        }
    }
}

void Async::rest() {
    std::unique_lock lock(mutex_);
    became_idle_.wait(lock, [this] { return idle_; });
}

void Async::loop() {
    std::unique_lock lock(mutex_);
    while (true) {
        idle_ = true;
        became_idle_.notify_all();
        wake_.wait(lock, [this] { return finishing_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        idle_ = false;
        auto task = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        const auto afterwards = std::move(task->afterwards);
        task->work();
        send(std::move(task));
        if (afterwards) {
            afterwards();
        }
        lock.lock();
    }
}

}  // namespace wyvern
