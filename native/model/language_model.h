#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wyvern {

/// Cycles of one operator of a graph on the accelerator.
struct OperatorCycles {
    /// As QNN names it, e.g. `aten_convolution_default_h_7`.
    std::string name;
    uint64_t cycles = 0;
};

/// What QNN reports at the detailed level beside the times.
struct HtpDetails {
    /// "Time for initial VTCM acquire", µs.
    std::optional<double> vtcm_acquire_us;
    /// "Time for HVX + HMX power on and acquire", µs; QNN may count it from before the step.
    std::optional<double> power_on_us;
    /// "RPC (execute) time", µs.
    std::optional<double> rpc_us;
    /// "Accelerator (execute) time", cycles.
    std::optional<uint64_t> cycles;
    /// "Num times yield occured".
    std::optional<int> yields;
    /// At most `most_operators`, the slowest first.
    std::vector<OperatorCycles> slowest;

    static constexpr size_t most_operators = 10;
};

/// Times of one pass through a model, microseconds on a steady clock. What a backend does not report is absent.
struct StepTimings {
    /// The whole call: copying in, executing, copying out.
    double wall_us = 0;
    /// Of it inside delegates.
    std::optional<double> backend_us;
    /// Of it on the accelerator itself.
    std::optional<double> accelerator_us;
    std::optional<int> hvx_threads;
    /// Only at the detailed level.
    std::optional<HtpDetails> htp;

    /// Adds a later pass: times sum up, HVX threads are the most of any pass.
    void add(const StepTimings& later);
};

enum class Contract { llama, qnn_static_llama };
enum class LogitsDtype { float32, float16, bfloat16, uint16 };
enum class LogitsPositions { last, all };

/// What a program says about itself; the fields are those of `ModelFacts` in index.d.ts.
struct ModelFacts {
    Contract contract = Contract::llama;
    std::vector<std::string> backends;
    /// Length of the logits, from the output tensor.
    size_t vocab_size = 0;
    /// Most tokens that can be resident.
    size_t context_length = 0;
    /// Most tokens of one `prefill` call, at least 1.
    size_t prefill_length = 0;
    bool kv_cache = false;
    size_t state_bytes = 0;
    bool dynamic_shape = false;
    LogitsDtype logits_dtype = LogitsDtype::float32;
    LogitsPositions logits_positions = LogitsPositions::last;
    std::optional<int64_t> layers;
    std::optional<int64_t> bos_id;
    std::vector<int64_t> eos_ids;
};

/// A loaded program that continues token sequences, whatever its calling convention.
///
/// Threads: none of its own; all calls come from one thread at a time, and the caller orders them.
/// Ownership: `logits()` and `facts()` point into the model and live as long as it does.
/// Failure: every call throws `Failure`. After `execution-failed` the position is what it was before the call, so the
/// same tokens may be fed again. Arguments are the caller's duty (`Session` checks them): ids inside the vocabulary,
/// and no more tokens than fit.
class LanguageModel {
 public:
    LanguageModel() = default;
    LanguageModel(const LanguageModel&) = delete;
    LanguageModel& operator=(const LanguageModel&) = delete;
    virtual ~LanguageModel() = default;

    virtual const ModelFacts& facts() const = 0;

    /// Tokens resident.
    virtual size_t position() const = 0;

    /// Most tokens that the next `prefill` takes, at least 1 while the context has room; may shrink as it fills.
    virtual size_t longest_chunk() const { return facts().prefill_length; }

    /// Runs 1 … `longest_chunk()` tokens after the resident ones.
    virtual StepTimings prefill(std::span<const int32_t> tokens) = 0;

    /// Runs one token after the resident ones.
    virtual StepTimings decode(int32_t token) = 0;

    /// Logits after the last resident token, `facts().vocab_size` of them; valid until the next call of `prefill`,
    /// `decode` or `seek`. Converted on demand, in place when the program already gives float32.
    /// Only after a `prefill` or `decode` that succeeded.
    virtual std::span<const float> logits() = 0;

    /// Whether `seek` may go there. A cache that writes over its oldest slots cannot go back to what stood in them.
    virtual bool can_seek(size_t /*position*/) const { return true; }

    /// Forgets every token from `position` on (≤ the current one). Clears nothing: later tokens overwrite.
    virtual void seek(size_t position) = 0;
};

}  // namespace wyvern
