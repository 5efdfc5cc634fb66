/// \file Loads a crafted SentencePiece model and encodes a text. Input: bytes of the text (u16), the text, the model
/// file.

#include <string>
#include <string_view>

#include "../failure.h"
#include "../tokenizer/sentencepiece.h"
#include "input.h"

using wyvern::Failure;
using wyvern::FailureCode;
using wyvern::PieceKind;
using wyvern::SentencePiece;
using wyvern::fuzz::require;

namespace {

void use(const SentencePiece& model, std::string_view text) {
    const int32_t count = model.size();
    for (const int32_t id : {model.bos_id(), model.eos_id(), model.pad_id(), model.unk_id()}) {
        require(id >= -1 && id < count, "special ids are pieces, or absent");
    }
    const auto ids = model.encode(text);
    for (const int32_t id : ids) {
        require(id >= 0 && id < count, "ids are pieces");
        require(model.kind(id) != PieceKind::control, "text never becomes a control piece");
    }
    require(model.encode(text) == ids, "encoding is a function");
    const std::string decoded = model.decode(ids);
    std::string piecewise;
    for (const int32_t id : ids) {
        piecewise += model.decode({&id, 1});
    }
    require(piecewise == decoded, "pieces decode alike alone and together");
    for (const int32_t id : {-1, count}) {
        bool refused = false;
        try {
            model.decode({&id, 1});
        } catch (const Failure& failure) {
            refused = failure.code == FailureCode::invalid_argument;
        }
        require(refused, "ids that are no pieces are refused");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    wyvern::fuzz::Input input(data, size);
    const auto text = input.take_bytes(input.take<uint16_t>());
    try {
        const SentencePiece model(input.rest());
        use(model, {reinterpret_cast<const char*>(text.data()), text.size()});
    } catch (const Failure& failure) {
        require(failure.code == FailureCode::tokenizer_invalid, "what is no model is an invalid tokenizer");
    }
    return 0;
}
