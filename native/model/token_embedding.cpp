#include "token_embedding.h"

namespace wyvern {

namespace {

using executorch::aten::ScalarType;
using executorch::extension::from_blob;
using executorch::runtime::EValue;

[[noreturn]] void unsupported(const std::string& why) {
    throw Failure(FailureCode::program_unsupported, "The program's `token_embedding` " + why + ".");
}

}  // namespace

TokenEmbedding::TokenEmbedding(Program& program) : program_(program) {
    const auto meta = program.meta(method);
    const auto tokens = meta.input_tensor_meta(0);
    if (meta.num_inputs() != 1 || !tokens.ok() || tokens->scalar_type() != ScalarType::Long ||
        tokens->sizes().size() != 2 || tokens->sizes()[0] != 1 || tokens->sizes()[1] < 1) {
        unsupported("does not take int64 tokens of shape [1, S]");
    }
    longest_call_ = static_cast<size_t>(tokens->sizes()[1]);
    const auto embedded = meta.output_tensor_meta(0);
    if (!embedded.ok() || embedded->scalar_type() != ScalarType::Float || embedded->sizes().size() != 3 ||
        embedded->sizes()[0] != 1 || embedded->sizes()[1] != tokens->sizes()[1] || embedded->sizes()[2] < 1) {
        unsupported("does not give float32 values of shape [1, S, H]");
    }
    width_ = static_cast<size_t>(embedded->sizes()[2]);
    program.load(method);
    if (!embedded->is_memory_planned()) {
        memory_.resize(embedded->nbytes());
        const auto sizes = embedded->sizes();
        const auto tensor = from_blob(memory_.data(), {sizes.begin(), sizes.end()}, ScalarType::Float);
        program.set_output(method, 0, EValue(*tensor));
    }
}

bool TokenEmbedding::accepts(size_t tokens) {
    std::vector<int64_t> memory(tokens);
    const auto tensor =
        from_blob(memory.data(), {1, static_cast<executorch::aten::SizesType>(tokens)}, ScalarType::Long);
    return program_.accepts(method, 0, EValue(*tensor));
}

EValue TokenEmbedding::embed(const EValue& tokens, StepTimings& timings) {
    StepTimings own;
    const auto outputs = program_.execute(method, {tokens}, own);
    timings.add(own);
    return outputs.at(0);
}

}  // namespace wyvern
