#include "step_profiler.h"

#include <string_view>

namespace wyvern {

namespace {

using executorch::runtime::EventTracerEntry;

constexpr int64_t delegate_call = 1;
constexpr int64_t other_event = 0;

struct NamedUnit {
    HtpFigures::Unit unit;
    std::string_view end_of_name;
};
constexpr NamedUnit units[] = {
    {HtpFigures::Unit::microseconds, " (us)"},
    {HtpFigures::Unit::cycles, " (cycles)"},
    {HtpFigures::Unit::count, " (count)"},
};

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
    set_event_tracer_profiling_level(executorch::runtime::EventTracerProfilingLevel::kProfileMethodOnly);
}

void StepProfiler::expect_delegates() {
    set_event_tracer_profiling_level(executorch::runtime::EventTracerProfilingLevel::kProfileAllEvents);
}

void StepProfiler::begin() {
    delegate_us_ = 0;
    delegated_ = false;
    figures_.clear();
    step_start_ = Clock::now();
}

StepTimings StepProfiler::end() {
    StepTimings timings;
    timings.wall_us = microseconds(Clock::now() - step_start_);
    if (figures_.qnn_us()) {
        timings.backend_us = figures_.qnn_us();
    } else if (delegated_) {
        timings.backend_us = delegate_us_;
    }
    figures_.write(timings);
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
    // The backend appends the unit to QNN's name of an event.
    const std::string_view event(name);
    for (const auto& [unit, end_of_name] : units) {
        if (event.ends_with(end_of_name)) {
            figures_.add(event.substr(0, event.size() - end_of_name.size()), unit, end - start);
            return;
        }
    }
}

}  // namespace wyvern
