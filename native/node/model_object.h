#pragma once

#include <napi.h>

#include <memory>

namespace wyvern {

/// `Model` of index.d.ts: a session and its worker thread.
class ModelObject : public Napi::ObjectWrap<ModelObject> {
 public:
    static Napi::Function define(Napi::Env env);

    explicit ModelObject(const Napi::CallbackInfo& info);

 private:
    struct State;

    static Napi::Value load(const Napi::CallbackInfo& info);
    Napi::Value facts(const Napi::CallbackInfo& info);
    Napi::Value position(const Napi::CallbackInfo& info);
    Napi::Value prefill(const Napi::CallbackInfo& info);
    Napi::Value next(const Napi::CallbackInfo& info);
    Napi::Value benchmark(const Napi::CallbackInfo& info);
    Napi::Value logits(const Napi::CallbackInfo& info);
    Napi::Value close(const Napi::CallbackInfo& info);
    void seek(const Napi::CallbackInfo& info);
    void stop(const Napi::CallbackInfo& info);

    /// Work in flight shares it, so garbage collection of this object is safe.
    std::shared_ptr<State> state_;
    Napi::ObjectReference facts_;
    Napi::Reference<Napi::Value> closing_;
};

}  // namespace wyvern
