#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "../model/language_model.h"
#include "../model/load.h"
#include "caches.h"
#include "power_vote.h"
#include "step_memory.h"

namespace wyvern {

/// A language model in QNN context binaries, as Qualcomm's AI Hub delivers them for Genie. It calls QNN directly,
/// without ExecuTorch.
///
/// - A step runs one graph of each part in turn. The hidden state goes from part to part in the same memory where their
///   encodings are equal, and is requantised where they are not.
/// - The host keeps the caches, fills masks and rotations, and copies new slots into place.
/// - A graph serves A tokens in a context of C. A step takes the smallest C that holds its tokens, so the layout of the
///   caches grows with the chat.
/// - A last part without caches is the head alone. Chunks of a prompt before its last one run without it, and `logits`
///   runs it if it is called nevertheless. Where the last part has layers too, their caches need its run.
/// - If the accelerator has no memory for every context length, the model loads the smallest and the longest, then the
///   longest alone.
class QnnContextModel final : public LanguageModel {
 public:
    /// Reads, checks and loads the binaries. Call `use_qnn` first. Throws like `read_binary`, `plan_bundle` and
    /// `LoadedContext`.
    QnnContextModel(const ContextOptions& options, const ProgressListener& progress);

    const ModelFacts& facts() const override { return facts_; }
    size_t position() const override { return position_; }
    size_t longest_chunk() const override;
    void set_stop(const std::atomic<bool>* stop) override { stop_ = stop; }
    void expect_more(bool more) override { more_follows_ = more; }
    StepTimings prefill(std::span<const int32_t> tokens) override;
    StepTimings decode(int32_t token) override;
    std::span<const float> logits() override;
    void seek(size_t position) override { position_ = position; }

 private:
    /// A step of the plan with its loaded graphs.
    struct Step {
        const StepPlan* plan;
        std::vector<BoundGraph> parts;
    };

    void load(const ProgressListener& progress);
    void load_contexts(const std::vector<size_t>& lengths, const ProgressListener& progress);
    void make_steps();
    void fill_facts();

    Step* step_for(size_t count);
    StepTimings run(Step& step, std::span<const int32_t> tokens, bool more_follows);
    double run_part(Step& step, size_t part, size_t count);

    BundlePlan plan_;
    StepMemory memory_;
    Caches caches_;
    HtpDevice device_;
    std::optional<PowerVote> power_;
    std::vector<std::unique_ptr<LoadedContext>> contexts_;
    /// Loaded context lengths, ascending.
    std::vector<size_t> lengths_;
    std::vector<Step> steps_;
    ModelFacts facts_;
    HtpFigures figures_;

    size_t position_ = 0;
    const std::atomic<bool>* stop_ = nullptr;
    bool more_follows_ = false;
    /// The latest step, if its head did not run.
    Step* headless_ = nullptr;
    /// The output with the latest step's logits, and the row.
    const TensorInfo* latest_ = nullptr;
    size_t latest_row_ = 0;
    std::vector<float> logits_;
};

}  // namespace wyvern
