#pragma once

#include <executorch/runtime/core/event_tracer.h>

#include <chrono>

#include "../model/language_model.h"
#include "htp_figures.h"

namespace wyvern {

/// Turns the runtime's events of one step into `StepTimings`.
///
/// After `expect_delegates` the runtime reports every operator and delegate call; the QNN backend reports QNN's events
/// after each execute
/// (`HtpFigures`), with start 0, the value as end, and the unit in the name: "Accelerator (execute) time (us)".
///
/// Threads: the runtime calls it on the executing thread. Ownership: `Module` owns the profiler; the model keeps a
/// plain pointer, which is valid as long as its module.
class StepProfiler final : public executorch::runtime::EventTracer {
 public:
    StepProfiler();

    /// Makes the runtime report single calls. A program without delegates has none to report, and its steps stay free
    /// of two events an operator.
    void expect_delegates();

    /// Starts a step.
    void begin();

    /// Ends the step. `backend_us` is QNN's own figure if it reports one, else the time inside delegate calls; absent
    /// without delegate calls. Several shards add up.
    StepTimings end();

    void create_event_block(const char*) override {}
    executorch::runtime::EventTracerEntry start_profiling(const char* name, executorch::runtime::ChainID,
                                                          executorch::runtime::DebugHandle) override;
    void end_profiling(executorch::runtime::EventTracerEntry entry) override;
    void log_profiling_delegate(const char* name, executorch::runtime::DelegateDebugIntId, et_timestamp_t start,
                                et_timestamp_t end, const void*, size_t) override;

    executorch::runtime::EventTracerEntry start_profiling_delegate(const char*,
                                                                   executorch::runtime::DelegateDebugIntId) override;
    void end_profiling_delegate(executorch::runtime::EventTracerEntry, const void*, size_t) override {}
    void track_allocation(executorch::runtime::AllocatorID, size_t) override {}
    executorch::runtime::AllocatorID track_allocator(const char*) override { return 0; }
    executorch::runtime::Result<bool> log_evalue(const executorch::runtime::EValue&,
                                                 executorch::runtime::LoggedEValueType) override {
        return false;
    }
    executorch::runtime::Result<bool> log_intermediate_output_delegate(const char*,
                                                                       executorch::runtime::DelegateDebugIntId,
                                                                       const executorch::aten::Tensor&) override {
        return false;
    }
    executorch::runtime::Result<bool> log_intermediate_output_delegate(
        const char*, executorch::runtime::DelegateDebugIntId,
        const executorch::runtime::ArrayRef<executorch::aten::Tensor>) override {
        return false;
    }
    executorch::runtime::Result<bool> log_intermediate_output_delegate(const char*,
                                                                       executorch::runtime::DelegateDebugIntId,
                                                                       const int&) override {
        return false;
    }
    executorch::runtime::Result<bool> log_intermediate_output_delegate(const char*,
                                                                       executorch::runtime::DelegateDebugIntId,
                                                                       const bool&) override {
        return false;
    }
    executorch::runtime::Result<bool> log_intermediate_output_delegate(const char*,
                                                                       executorch::runtime::DelegateDebugIntId,
                                                                       const double&) override {
        return false;
    }
    void set_delegation_intermediate_output_filter(executorch::runtime::EventTracerFilterBase*) override {}

 private:
    using Clock = std::chrono::steady_clock;

    Clock::time_point step_start_;
    Clock::time_point delegate_start_;
    double delegate_us_ = 0;
    bool delegated_ = false;
    HtpFigures figures_;
};

}  // namespace wyvern
