#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bundle_plan.h"
#include "context_options.h"
#include "loaded_context.h"

namespace wyvern {

/// Memory of everything that graphs read and write, except their caches: tokens or embeddings, masks, cosines and
/// sines, hidden states, logits. Steps run one at a time, so they share it.
class StepMemory {
 public:
    /// Opens the table of embeddings, if the plan needs one, before the accelerator gets anything: the emulator for
    /// Windows sometimes crashes when a context is freed at once. Throws like `EmbeddingTable`.
    StepMemory(const ContextOptions& options, const BundlePlan& plan);

    /// Allocates memory for the largest of the steps. Call it once, before `bind`.
    void allocate(const std::vector<const StepPlan*>& steps);

    /// Binds the inputs and outputs of one part of an allocated step, except its caches.
    void bind(const StepPlan& step, size_t part, BoundGraph& graph);

    /// Fills the inputs of a step for tokens that follow `position` resident ones.
    void fill(const StepPlan& step, std::span<const int32_t> tokens, size_t position);

    /// Requantises the hidden state of the first `count` rows for the next part, where the two encodings differ.
    void hand_over(const StepPlan& step, size_t part, size_t count);

    /// The last part's output, in its encoding.
    const std::byte* logits() const { return logits_.data(); }

 private:
    /// An input that all parts share: mask, cos or sin, in one encoding.
    struct Shared {
        enum class Kind { mask, cos, sin } kind;
        Encoding encoding;
        std::vector<std::byte> bytes;
    };
    /// A hidden state between two parts.
    struct Boundary {
        std::vector<std::byte> given;
        /// Used where the next part takes another encoding.
        std::vector<std::byte> taken;
    };

    void allocate(const StepPlan& step, size_t part);
    /// The shared input of a tensor; added if it is new.
    Shared& shared_of(Shared::Kind kind, const TensorInfo& tensor);
    void embed(const TensorInfo& input, size_t ar);
    void fill_rotation(Shared& shared, size_t ar, size_t count, size_t position);

    Rotation rotation_;
    size_t rotation_width_;
    std::optional<EmbeddingTable> embedding_;
    std::vector<int32_t> tokens_;
    std::vector<std::byte> embedded_;
    /// Its elements keep their places, so that pointers to them stay valid.
    std::vector<std::unique_ptr<Shared>> shared_;
    /// The shared inputs that each step reads.
    std::map<const StepPlan*, std::vector<Shared*>> used_;
    std::vector<Boundary> boundaries_;
    std::vector<std::byte> logits_;
};

}  // namespace wyvern
