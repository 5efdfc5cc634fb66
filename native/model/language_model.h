#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wyvern {

/// Cycles of one operator of a graph on the accelerator.
struct OperatorCycles {
    /// QNN's name, e.g. `aten_convolution_default_h_7`.
    std::string name;
    uint64_t cycles = 0;
};

/// QNN's figures at the detailed level, beside the times.
struct HtpDetails {
    /// "Time for initial VTCM acquire", µs.
    std::optional<double> vtcm_acquire_us;
    /// "Time for HVX + HMX power on and acquire", µs; QNN may start counting before the step.
    std::optional<double> power_on_us;
    /// "RPC (execute) time", µs.
    std::optional<double> rpc_us;
    /// "Accelerator (execute) time", cycles.
    std::optional<uint64_t> cycles;
    /// "Num times yield occured".
    std::optional<int> yields;
    /// "Accelerator (execute) time" of each part of a model in several context binaries, µs; empty for other models.
    std::vector<double> parts_us;
    /// Up to `most_operators`, slowest first.
    std::vector<OperatorCycles> slowest;

    static constexpr size_t most_operators = 10;
};

/// Times of one pass through a model, microseconds on a steady clock. Figures that a backend does not report are
/// absent.
struct StepTimings {
    /// The whole call: copying in, executing, copying out.
    double wall_us = 0;
    /// The part inside delegates.
    std::optional<double> backend_us;
    /// The part on the accelerator.
    std::optional<double> accelerator_us;
    std::optional<int> hvx_threads;
    /// Only at the detailed level.
    std::optional<HtpDetails> htp;

    /// Adds a later pass: times add up; HVX threads are the maximum.
    void add(const StepTimings& later);
};

enum class Contract { llama, qnn_static_llama, qnn_context };
enum class LogitsDtype { float32, float16, bfloat16, uint16 };
enum class LogitsPositions { last, all, chosen };

/// A program's facts; the fields of `ModelFacts` in index.d.ts.
struct ModelFacts {
    Contract contract = Contract::llama;
    std::vector<std::string> backends;
    /// Length of the logits, from the output tensor.
    size_t vocab_size = 0;
    /// Most tokens that the cache can hold.
    size_t context_length = 0;
    /// Most tokens of one `prefill` call, at least 1.
    size_t prefill_length = 0;
    /// Most tokens of one `verify` call; 1 if the model cannot verify drafts.
    size_t verify_length = 1;
    bool kv_cache = false;
    /// Whether the program keeps state that its position does not restore, beside the KV cache.
    bool keeps_state = false;
    /// Whether `seek` can go back to any position. False: only to the beginning.
    bool rewinds = true;
    size_t state_bytes = 0;
    bool dynamic_shape = false;
    LogitsDtype logits_dtype = LogitsDtype::float32;
    LogitsPositions logits_positions = LogitsPositions::last;
    std::optional<int64_t> layers;
    std::optional<int64_t> bos_id;
    std::vector<int64_t> eos_ids;
    /// Why the accelerator did not take the performance mode; empty if it did, or if none was asked for.
    std::string performance_fault;
};

/// Thrown by `prefill` if the stop flag ended it inside a chunk; the position is unchanged.
struct Stopped {};

/// A loaded program that continues token sequences. Subclasses implement one calling convention each.
///
/// Threads: it starts none. Call it from one thread at a time. Ownership: `logits()` and `facts()` point into the model
/// and live as long as it does. Failure: every call throws `Failure`. After `execution-failed` the position is
/// unchanged, so the caller may feed the same tokens again; if `facts().keeps_state`, it must go back to the beginning
/// first. The caller (`Session`) checks arguments: ids inside the vocabulary, and no more tokens than fit.
class LanguageModel {
 public:
    LanguageModel() = default;
    LanguageModel(const LanguageModel&) = delete;
    LanguageModel& operator=(const LanguageModel&) = delete;
    virtual ~LanguageModel() = default;

    virtual const ModelFacts& facts() const = 0;

    /// Number of resident tokens.
    virtual size_t position() const = 0;

    /// Most tokens that the next `prefill` takes, at least 1 while the context has room; may shrink as the cache fills.
    virtual size_t longest_chunk() const { return facts().prefill_length; }

    /// A flag that `prefill` may read inside a chunk; it then throws `Stopped`. Null: none.
    virtual void set_stop(const std::atomic<bool>* /*stop*/) {}

    /// Whether another `prefill` follows the next one. A model may then leave out work that only `logits` needs.
    virtual void expect_more(bool /*more*/) {}

    /// Runs 1 … `longest_chunk()` tokens after the resident ones.
    virtual StepTimings prefill(std::span<const int32_t> tokens) = 0;

    /// Runs one token after the resident ones.
    virtual StepTimings decode(int32_t token) = 0;

    /// Runs 1 … `facts().verify_length` tokens after the resident ones and keeps the logits after each: bit for bit
    /// those that `decode` gives for the same tokens.
    virtual StepTimings verify(std::span<const int32_t> tokens) { return decode(tokens.front()); }

    /// Logits after token `index` of the latest call, which was `verify`. Otherwise like `logits`.
    virtual std::span<const float> verified(size_t /*index*/) { return logits(); }

    /// Logits after the last resident token, `facts().vocab_size` values; valid until the next `prefill`, `decode` or
    /// `seek`. Converted to float32 on demand, without a copy if the program returns float32. Call it only after a
    /// successful `prefill` or `decode`.
    virtual std::span<const float> logits() = 0;

    /// Whether `seek` accepts this position ≤ the current one. A ring cache cannot go back to slots that it overwrote,
    /// and no position restores other state.
    virtual bool can_seek(size_t /*position*/) const { return true; }

    /// Forgets every token from `position` on. It clears only state that later tokens do not overwrite.
    virtual void seek(size_t position) = 0;
};

}  // namespace wyvern
