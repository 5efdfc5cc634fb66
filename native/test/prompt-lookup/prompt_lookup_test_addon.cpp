/// Lets JavaScript drive `PromptLookup` with tokens and times of its own. Test only; see prompt-lookup-test-addon.ts
/// for its types. It trusts its caller.

#include <napi.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "../../model/prompt_lookup.h"

namespace {

using wyvern::Drafting;
using wyvern::PromptLookup;

class PromptLookupObject final : public Napi::ObjectWrap<PromptLookupObject> {
 public:
    static Napi::Function define(Napi::Env env) {
        return DefineClass(env, "PromptLookup",
                           {InstanceMethod<&PromptLookupObject::draft>("draft"),
                            InstanceMethod<&PromptLookupObject::sampled>("sampled"),
                            InstanceMethod<&PromptLookupObject::measured>("measured")});
    }

    explicit PromptLookupObject(const Napi::CallbackInfo& info)
        : ObjectWrap(info), lookup_(info[0].As<Napi::Number>().Uint32Value()) {}

 private:
    Napi::Value draft(const Napi::CallbackInfo& info) {
        const auto resident = info[0].As<Napi::Int32Array>();
        const int32_t last = info[1].As<Napi::Number>().Int32Value();
        const size_t room = info[2].As<Napi::Number>().Uint32Value();
        const std::string mode = info[3].As<Napi::String>().Utf8Value();
        const Drafting drafting = mode == "always" ? Drafting::always
                                  : mode == "off"  ? Drafting::off
                                                   : Drafting::measured;
        const auto draft = lookup_.draft({resident.Data(), resident.ElementLength()}, last, room, drafting);
        auto array = Napi::Int32Array::New(info.Env(), draft.size());
        std::copy(draft.begin(), draft.end(), array.Data());
        return array;
    }

    void sampled(const Napi::CallbackInfo& info) { lookup_.sampled(info[0].As<Napi::Number>().Int32Value()); }

    void measured(const Napi::CallbackInfo& info) {
        lookup_.measured(info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Number>().DoubleValue());
    }

    PromptLookup lookup_;
};

Napi::Object init(Napi::Env env, Napi::Object exports) {
    exports.Set("PromptLookup", PromptLookupObject::define(env));
    return exports;
}

}  // namespace

NODE_API_MODULE(prompt_lookup_test, init)
