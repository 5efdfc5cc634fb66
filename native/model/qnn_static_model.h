#pragma once

#include <executorch/extension/tensor/tensor.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "language_model.h"
#include "program.h"
#include "qnn_static_method.h"

namespace wyvern {

/// QNN's static llama (upstream's `examples/qualcomm/oss_scripts/llama`), modes kv and hybrid:
///
///   METHOD(tokens [1, A], mask [1, 1, A, C], window mask (some models), positions int32 [1, A],
///          K cache per layer [1, H, D, C - A] …, V cache per layer [1, H, C - A, D] …)
///     → logits [1, A, V], new K per layer [1, H, D, A] …, new V per layer [1, H, A, D] …
///
/// - `kv_forward` (older releases: `forward`; around a context binary of Qualcomm's own tools: its graph's name) has A = 1;
///   `prefill_forward`, in hybrid files only, A = P > 1. With P = C, prefill has no cache inputs and no
///   positions, and works only on an empty cache.
/// - Tokens are int32, or int64 where the embedding runs on the CPU. Masks are uint16, uint8 or float32, of rank 4 or,
///   in older files, 3. Caches are uint8, uint16 or float32; logits uint16 with a scale and a zero point, or float32.
/// - The model owns the caches. Inputs and outputs of one layer share their quantisation, so it copies new slices into
///   place byte by byte, and a method with another A reads the same memory with another stride.
/// - A token at position p attends to p resident tokens, so at most C - 1 tokens can be resident.
///
/// Every figure comes from tensor metadata. The only metadata methods read are the quantisation of the logits and the
/// window: others are wrong (beginning and end of sequence) or describe another build of the file (cache width). The
/// model refuses lookahead, multimodal and attention-sink files by name with `program-unsupported`.
class QnnStaticModel final : public LanguageModel {
   public:
    /// Whether a program follows this convention rather than upstream's standard one.
    static bool recognises(Program& program);

    explicit QnnStaticModel(std::unique_ptr<Program> program);

    const ModelFacts& facts() const override { return facts_; }
    size_t position() const override { return position_; }
    size_t longest_chunk() const override;
    StepTimings prefill(std::span<const int32_t> tokens) override;
    StepTimings decode(int32_t token) override;
    std::span<const float> logits() override;
    void seek(size_t position) override { position_ = position; }

   private:
    /// A method with its arguments.
    struct Method : StaticMethod {
        Method() = default;
        explicit Method(StaticMethod described) : StaticMethod(std::move(described)) {}

        std::vector<int64_t> tokens;
        std::vector<int32_t> positions;
        std::vector<std::byte> mask;
        std::vector<std::byte> window_mask;
        std::vector<std::byte> logits;
        /// Owners of the tensors of `arguments` and of the method's outputs.
        std::vector<executorch::extension::TensorPtr> tensors;
        std::vector<executorch::runtime::EValue> arguments;
    };

    void bind(Method& method);
    void read_metadata();
    bool prefill_fits(size_t count) const;
    void use_layout_of(const Method& method);
    StepTimings run(Method& method, std::span<const int32_t> tokens);

    std::unique_ptr<Program> program_;
    ModelFacts facts_;
    Method decode_;
    std::optional<Method> prefill_;

    size_t position_ = 0;
    /// Current row length of the caches in memory.
    size_t slots_ = 0;
    std::vector<std::vector<std::byte>> keys_;
    std::vector<std::vector<std::byte>> values_;
    std::vector<std::vector<std::byte>> fresh_keys_;
    std::vector<std::vector<std::byte>> fresh_values_;

    size_t window_length_ = 0;
    float logits_scale_ = 1;
    int64_t logits_zero_ = 0;
    /// Method and row with the latest step's logits.
    const Method* latest_ = nullptr;
    size_t latest_row_ = 0;
    bool converted_ = false;
    std::vector<float> converted_row_;
};

}  // namespace wyvern
