#include "sentencepiece_object.h"

#include "guards.h"

namespace wyvern {

namespace {

const char* name_of(PieceKind kind) {
    switch (kind) {
        case PieceKind::normal:
            return "normal";
        case PieceKind::unknown:
            return "unknown";
        case PieceKind::control:
            return "control";
        case PieceKind::user_defined:
            return "user-defined";
        case PieceKind::byte:
            return "byte";
        case PieceKind::unused:
            break;
    }
    return "unused";
}

template <typename T>
Napi::Value number(const Napi::CallbackInfo& info, T value) {
    return Napi::Number::New(info.Env(), static_cast<double>(value));
}

}  // namespace

Napi::Function SentencePieceObject::define(Napi::Env env) {
    using Self = SentencePieceObject;
    return DefineClass(
        env, "SentencePiece",
        {InstanceAccessor<&Self::vocab_size>("vocabSize", napi_enumerable),
         InstanceAccessor<&Self::bos_id>("bosId", napi_enumerable),
         InstanceAccessor<&Self::eos_id>("eosId", napi_enumerable),
         InstanceAccessor<&Self::unk_id>("unkId", napi_enumerable),
         InstanceAccessor<&Self::pad_id>("padId", napi_enumerable),
         InstanceAccessor<&Self::adds_dummy_prefix>("addsDummyPrefix", napi_enumerable),
         InstanceMethod<&Self::encode>("encode"), InstanceMethod<&Self::decode>("decode"),
         InstanceMethod<&Self::piece>("piece"), InstanceMethod<&Self::kind>("kind"), InstanceMethod<&Self::id>("id")});
}

SentencePieceObject::SentencePieceObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    throwing(info.Env(), [&] {
        if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
            throw Failure(FailureCode::invalid_argument, "model must be a Uint8Array.");
        }
        const auto bytes = info[0].As<Napi::Uint8Array>();
        tokenizer_ = std::make_unique<SentencePiece>(std::span(bytes.Data(), bytes.ElementLength()));
    });
}

Napi::Value SentencePieceObject::vocab_size(const Napi::CallbackInfo& info) { return number(info, tokenizer_->size()); }
Napi::Value SentencePieceObject::bos_id(const Napi::CallbackInfo& info) { return number(info, tokenizer_->bos_id()); }
Napi::Value SentencePieceObject::eos_id(const Napi::CallbackInfo& info) { return number(info, tokenizer_->eos_id()); }
Napi::Value SentencePieceObject::unk_id(const Napi::CallbackInfo& info) { return number(info, tokenizer_->unk_id()); }
Napi::Value SentencePieceObject::pad_id(const Napi::CallbackInfo& info) { return number(info, tokenizer_->pad_id()); }

Napi::Value SentencePieceObject::adds_dummy_prefix(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), tokenizer_->adds_dummy_prefix());
}

Napi::Value SentencePieceObject::encode(const Napi::CallbackInfo& info) {
    return throwing(info.Env(), [&] {
        const auto ids = tokenizer_->encode(expect_string(info[0], "text"));
        auto array = Napi::Int32Array::New(info.Env(), ids.size());
        std::copy(ids.begin(), ids.end(), array.Data());
        return array;
    });
}

Napi::Value SentencePieceObject::decode(const Napi::CallbackInfo& info) {
    return throwing(info.Env(), [&] {
        const std::string text = tokenizer_->decode(expect_int32_array(info[0], "ids"));
        auto array = Napi::Uint8Array::New(info.Env(), text.size());
        std::copy(text.begin(), text.end(), array.Data());
        return array;
    });
}

int32_t SentencePieceObject::expect_id(const Napi::Value& id) const {
    return static_cast<int32_t>(expect_integer(id, "id", 0, tokenizer_->size() - 1));
}

Napi::Value SentencePieceObject::piece(const Napi::CallbackInfo& info) {
    return throwing(info.Env(), [&] { return Napi::String::New(info.Env(), tokenizer_->piece(expect_id(info[0]))); });
}

Napi::Value SentencePieceObject::kind(const Napi::CallbackInfo& info) {
    return throwing(info.Env(),
                    [&] { return Napi::String::New(info.Env(), name_of(tokenizer_->kind(expect_id(info[0])))); });
}

Napi::Value SentencePieceObject::id(const Napi::CallbackInfo& info) {
    return throwing(info.Env(), [&]() -> Napi::Value {
        const auto id = tokenizer_->id(expect_string(info[0], "piece"));
        return id ? number(info, *id) : info.Env().Undefined();
    });
}

}  // namespace wyvern
