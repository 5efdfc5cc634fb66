#include "step_profiler.h"

#include <algorithm>
#include <string_view>

namespace wyvern {

namespace {

using executorch::runtime::EventTracerEntry;

constexpr int64_t delegate_call = 1;
constexpr int64_t other_event = 0;

EventTracerEntry entry_of(int64_t event) {
    EventTracerEntry entry{};
    entry.event_id = event;
    return entry;
}

double microseconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double, std::micro>(duration).count();
}

}  // namespace

StepProfiler::StepProfiler() {
    set_event_tracer_debug_level(executorch::runtime::EventTracerDebugLogLevel::kNoLogging);
    set_event_tracer_profiling_level(executorch::runtime::EventTracerProfilingLevel::kProfileAllEvents);
}

void StepProfiler::begin() {
    delegate_us_ = 0;
    delegated_ = false;
    qnn_us_.reset();
    accelerator_us_.reset();
    hvx_threads_.reset();
    step_start_ = Clock::now();
}

StepTimings StepProfiler::end() const {
    StepTimings timings;
    timings.wall_us = microseconds(Clock::now() - step_start_);
    if (qnn_us_) {
        timings.backend_us = qnn_us_;
    } else if (delegated_) {
        timings.backend_us = delegate_us_;
    }
    timings.accelerator_us = accelerator_us_;
    timings.hvx_threads = hvx_threads_;
    return timings;
}

EventTracerEntry StepProfiler::start_profiling(const char* name, executorch::runtime::ChainID,
                                               executorch::runtime::DebugHandle) {
    if (name == nullptr || std::string_view(name) != "DELEGATE_CALL") {
        return entry_of(other_event);
    }
    delegate_start_ = Clock::now();
    return entry_of(delegate_call);
}

void StepProfiler::end_profiling(EventTracerEntry entry) {
    if (entry.event_id == delegate_call) {
        delegate_us_ += microseconds(Clock::now() - delegate_start_);
        delegated_ = true;
    }
}

EventTracerEntry StepProfiler::start_profiling_delegate(const char*, executorch::runtime::DelegateDebugIntId) {
    return entry_of(other_event);
}

void StepProfiler::log_profiling_delegate(const char* name, executorch::runtime::DelegateDebugIntId,
                                          et_timestamp_t start, et_timestamp_t end, const void*, size_t) {
    if (name == nullptr) {
        return;
    }
    const std::string_view event(name);
    const auto value = static_cast<double>(end - start);
    if (event == "Accelerator (execute) time (us)") {
        accelerator_us_ = accelerator_us_.value_or(0) + value;
    } else if (event == "QNN (execute) time (us)") {
        qnn_us_ = qnn_us_.value_or(0) + value;
    } else if (event == "Number of HVX threads used (count)") {
        hvx_threads_ = std::max(hvx_threads_.value_or(0), static_cast<int>(value));
    }
}

}  // namespace wyvern
