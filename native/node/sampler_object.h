#pragma once

#include <napi.h>

#include <memory>

#include "../sampler.h"

namespace wyvern {

/// `Sampler` of index.d.ts.
class SamplerObject : public Napi::ObjectWrap<SamplerObject> {
 public:
    static Napi::Function define(Napi::Env env);

    /// Returns the sampler of a JavaScript value; throws `invalid-argument` for others. Shared, so that work in flight
    /// keeps it after JavaScript drops it.
    static std::shared_ptr<Sampler> expect(const Napi::Value& value);

    explicit SamplerObject(const Napi::CallbackInfo& info);

 private:
    Napi::Value seed(const Napi::CallbackInfo& info);
    Napi::Value sample(const Napi::CallbackInfo& info);

    std::shared_ptr<Sampler> sampler_;
};

}  // namespace wyvern
