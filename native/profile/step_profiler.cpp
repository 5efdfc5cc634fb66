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
    htp_.reset();
    operators_.clear();
    step_start_ = Clock::now();
}

StepTimings StepProfiler::end() {
    StepTimings timings;
    timings.wall_us = microseconds(Clock::now() - step_start_);
    if (qnn_us_) {
        timings.backend_us = qnn_us_;
    } else if (delegated_) {
        timings.backend_us = delegate_us_;
    }
    timings.accelerator_us = accelerator_us_;
    timings.hvx_threads = hvx_threads_;
    if (!operators_.empty()) {
        auto& slowest = details().slowest;
        slowest.resize(std::min(operators_.size(), HtpDetails::most_operators));
        std::partial_sort_copy(operators_.begin(), operators_.end(), slowest.begin(), slowest.end(),
                               [](const auto& one, const auto& other) { return one.cycles > other.cycles; });
    }
    timings.htp = std::move(htp_);
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
    const auto add = [](std::optional<double>& sum, double more) { sum = sum.value_or(0) + more; };
    if (event == "Accelerator (execute) time (us)") {
        add(accelerator_us_, value);
    } else if (event == "QNN (execute) time (us)") {
        add(qnn_us_, value);
    } else if (event == "Number of HVX threads used (count)") {
        hvx_threads_ = std::max(hvx_threads_.value_or(0), static_cast<int>(value));
    } else if (event == "Time for initial VTCM acquire (us)") {
        add(details().vtcm_acquire_us, value);
    } else if (event == "Time for HVX + HMX power on and acquire (us)") {
        add(details().power_on_us, value);
    } else if (event == "RPC (execute) time (us)") {
        add(details().rpc_us, value);
    } else if (event == "Accelerator (execute) time (cycles)") {
        details().cycles = details().cycles.value_or(0) + (end - start);
    } else if (event == "Num times yield occured (count)") {
        details().yields = details().yields.value_or(0) + static_cast<int>(value);
    } else if (const size_t id = event.find(":OpId_"); id != std::string_view::npos && event.ends_with(" (cycles)")) {
        operators_.push_back({std::string(event.substr(0, id)), end - start});
    }
}

HtpDetails& StepProfiler::details() { return htp_ ? *htp_ : htp_.emplace(); }

}  // namespace wyvern
