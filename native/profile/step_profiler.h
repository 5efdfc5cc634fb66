#pragma once

#include <executorch/runtime/core/event_tracer.h>

#include <chrono>
#include <optional>
#include <vector>

#include "../model/language_model.h"

namespace wyvern {

/// Turns the runtime's events of one step into `StepTimings`.
///
/// The runtime reports every operator and delegate call; at profile level 1, the QNN backend reports these after each
/// execute, with start 0 and the value as end:
///   "Accelerator (execute) time (us)", "QNN (execute) time (us)", "Number of HVX threads used (count)";
/// at level 2 also
///   "Time for initial VTCM acquire (us)", "Time for HVX + HMX power on and acquire (us)",
///   "Accelerator (execute) time (cycles)", "Num times yield occured (count)", and "NAME:OpId_N (cycles)" per operator.
/// Several shards report one after another: times and cycles add up. It skips all other events, several hundred per
/// step, as fast as possible.
///
/// Threads: the runtime calls it on the executing thread. Ownership: `Module` owns the profiler; the model keeps a
/// plain pointer, which is valid as long as its module.
class StepProfiler final : public executorch::runtime::EventTracer {
 public:
    StepProfiler();

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
    HtpDetails& details();

    using Clock = std::chrono::steady_clock;

    Clock::time_point step_start_;
    Clock::time_point delegate_start_;
    double delegate_us_ = 0;
    bool delegated_ = false;
    std::optional<double> qnn_us_;
    std::optional<double> accelerator_us_;
    std::optional<int> hvx_threads_;
    std::optional<HtpDetails> htp_;
    std::vector<OperatorCycles> operators_;
};

}  // namespace wyvern
