#pragma once

#include <executorch/extension/module/module.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../failure.h"
#include "language_model.h"
#include "load.h"
#include "qnn_hold.h"

namespace wyvern {

class LogCapture;
class StepProfiler;
class PlannedMemory;

/// An ExecuTorch program file with its weights, opened through `Module`, with errors that name the fault. Call it from
/// one thread at a time, like `Module`. Every call throws `Failure`. After a check of the runtime has failed, every
/// further call fails too, and the runtime's memory is not freed, because its state is unknown.
class Program {
 public:
    /// Reads and verifies the files; `load` loads compiled methods. Throws `program-invalid` for a file that is damaged
    /// or not a program, `file-not-found`, `file-unreadable` or `out-of-memory`.
    Program(const LoadOptions& options, const ProgressListener& progress);
    ~Program();

    bool has(const std::string& method) const;
    /// Names of all methods, sorted.
    std::vector<std::string> methods() const;
    executorch::runtime::MethodMeta meta(const std::string& method);

    /// See `LoadOptions`.
    bool recycles_slots() const { return recycles_slots_; }
    KeptState kept_state() const { return kept_state_; }

    /// Prepares a compiled method: allocates its memory, binds its operators, lets backends compile and pack.
    /// Throws `operator-missing`, `backend-missing` and `data-missing`, which name the missing part, `out-of-memory` or
    /// `program-invalid`.
    void load(const std::string& method);

    /// Remembers the contents of a loaded method's planned memory, for `restore`. Call it before the method runs.
    void remember(const std::string& method);

    /// Makes a method's planned memory as it was at `remember`: its KV cache and all other state. Throws
    /// `out-of-memory`; every further call then fails.
    void restore(const std::string& method);

    /// Names of the backends that a method delegates to, without repetition.
    std::vector<std::string> backends(const std::string& method);

    /// Planned bytes of a method: activations and mutable state.
    size_t planned_bytes(const std::string& method);

    /// Values of a constant method; absent if there is no such method or it does not return numbers.
    std::optional<int64_t> number(const std::string& method);
    std::optional<std::vector<int64_t>> numbers(const std::string& method);
    std::optional<double> real(const std::string& method);

    /// Whether a method accepts this input, to probe shapes. Drops the runtime's log meanwhile.
    bool accepts(const std::string& method, size_t index, const executorch::runtime::EValue& input);

    /// Memory for an output that the program did not plan; it must outlive the program's last execution.
    void set_output(const std::string& method, size_t index, const executorch::runtime::EValue& output);

    /// Runs a loaded method. The outputs point into the method and are valid until its next run. Throws
    /// `execution-failed`.
    std::vector<executorch::runtime::EValue> execute(const std::string& method,
                                                     const std::vector<executorch::runtime::EValue>& inputs,
                                                     StepTimings& timings);

 private:
    std::vector<executorch::runtime::EValue> constants(const std::string& method);

    /// Makes a call into the runtime. A check of the runtime that fails in it becomes a failure of this code.
    template <typename Call>
    auto ask(const LogCapture& log, FailureCode code, Call&& call) const;

    executorch::runtime::HierarchicalAllocator* plan_memory(const std::string& method);

    QnnHold qnn_;
    /// Planned memory of loaded methods; outlives the module, whose methods live in it.
    std::map<std::string, std::unique_ptr<PlannedMemory>> planned_;
    std::unique_ptr<executorch::extension::Module> module_;
    StepProfiler* profiler_;
    bool recycles_slots_ = false;
    KeptState kept_state_ = KeptState::unclear;
    /// Whether a loaded method runs on the QNN backend.
    bool uses_qnn_ = false;
    /// A check of the runtime has failed.
    mutable bool broken_ = false;
};

}  // namespace wyvern
