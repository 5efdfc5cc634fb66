#pragma once

#include <executorch/extension/module/module.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../failure.h"
#include "language_model.h"
#include "load.h"

namespace wyvern {

class LogCapture;
class StepProfiler;
class PlannedMemory;

/// An ExecuTorch program file with its weights, opened through `Module`, with errors that name what is wrong.
/// One thread at a time, as `Module`. Every call throws `Failure`. After a check of the runtime has failed, every further
/// call fails too, and what the runtime held is not freed: nothing of it can be trusted.
class Program {
 public:
    /// Reads and verifies. `program-invalid` for a file that is damaged or no program, `file-not-found`,
    /// `file-unreadable`, `out-of-memory`. Compiled methods are loaded by `load`.
    Program(const LoadOptions& options, const ProgressListener& progress);
    ~Program();

    bool has(const std::string& method) const;
    /// Names of all methods, sorted.
    std::vector<std::string> methods() const;
    executorch::runtime::MethodMeta meta(const std::string& method);

    /// As `LoadOptions` says.
    bool recycles_slots() const { return recycles_slots_; }

    /// Prepares a compiled method: allocates its memory, binds its operators, lets backends compile and pack.
    /// `operator-missing`, `backend-missing` and `data-missing` say which; `out-of-memory`; else `program-invalid`.
    void load(const std::string& method);

    /// Names of the backends that a method delegates to, each once.
    std::vector<std::string> backends(const std::string& method);

    /// Bytes that were planned for a method: activations and mutable state.
    size_t planned_bytes(const std::string& method);

    /// Values of a constant method; absent if the program has none of that name or it does not give numbers.
    std::optional<int64_t> number(const std::string& method);
    std::optional<std::vector<int64_t>> numbers(const std::string& method);
    std::optional<double> real(const std::string& method);

    /// Whether a method takes this input, for probing shapes. What the runtime logs meanwhile is dropped.
    bool accepts(const std::string& method, size_t index, const executorch::runtime::EValue& input);

    /// Memory for an output that the program did not plan; it must outlive the program's last execution.
    void set_output(const std::string& method, size_t index, const executorch::runtime::EValue& output);

    /// Runs a loaded method. The outputs point into the method and live until its next run. `execution-failed`.
    std::vector<executorch::runtime::EValue> execute(const std::string& method,
                                                     const std::vector<executorch::runtime::EValue>& inputs,
                                                     StepTimings& timings);

 private:
    std::vector<executorch::runtime::EValue> constants(const std::string& method);

    /// Makes a call into the runtime. A check of the runtime that fails in it becomes a failure of this code.
    template <typename Call>
    auto ask(const LogCapture& log, FailureCode code, Call&& call) const;

    executorch::runtime::HierarchicalAllocator* plan_memory(const std::string& method);

    /// Planned memory of loaded methods; outlives the module, whose methods live in it.
    std::vector<std::unique_ptr<PlannedMemory>> planned_;
    std::unique_ptr<executorch::extension::Module> module_;
    StepProfiler* profiler_;
    bool recycles_slots_ = false;
    /// A method of it that was loaded runs on the QNN backend.
    bool uses_qnn_ = false;
    /// A check of the runtime has failed.
    mutable bool broken_ = false;
};

}  // namespace wyvern
