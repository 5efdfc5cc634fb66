#pragma once

#include <napi.h>

#include <memory>

#include "../tokenizer/sentencepiece.h"

namespace wyvern {

/// `SentencePiece` of index.d.ts.
class SentencePieceObject : public Napi::ObjectWrap<SentencePieceObject> {
 public:
    static Napi::Function define(Napi::Env env);

    explicit SentencePieceObject(const Napi::CallbackInfo& info);

 private:
    Napi::Value vocab_size(const Napi::CallbackInfo& info);
    Napi::Value bos_id(const Napi::CallbackInfo& info);
    Napi::Value eos_id(const Napi::CallbackInfo& info);
    Napi::Value unk_id(const Napi::CallbackInfo& info);
    Napi::Value pad_id(const Napi::CallbackInfo& info);
    Napi::Value adds_dummy_prefix(const Napi::CallbackInfo& info);
    Napi::Value encode(const Napi::CallbackInfo& info);
    Napi::Value decode(const Napi::CallbackInfo& info);
    Napi::Value piece(const Napi::CallbackInfo& info);
    Napi::Value kind(const Napi::CallbackInfo& info);
    Napi::Value id(const Napi::CallbackInfo& info);

    int32_t expect_id(const Napi::Value& id) const;

    std::unique_ptr<SentencePiece> tokenizer_;
};

}  // namespace wyvern
