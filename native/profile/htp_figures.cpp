#include "htp_figures.h"

#include <algorithm>
#include <string>
#include <utility>

namespace wyvern {

void HtpFigures::clear() { *this = {}; }

void HtpFigures::add(std::string_view event, Unit unit, uint64_t value) {
    const auto add = [&](std::optional<double>& sum) { sum = sum.value_or(0) + static_cast<double>(value); };
    if (unit == Unit::microseconds) {
        if (event == "Accelerator (execute) time") {
            add(accelerator_us_);
        } else if (event == "QNN (execute) time") {
            add(qnn_us_);
        } else if (event == "Time for initial VTCM acquire") {
            add(details().vtcm_acquire_us);
        } else if (event == "Time for HVX + HMX power on and acquire") {
            add(details().power_on_us);
        } else if (event == "RPC (execute) time") {
            add(details().rpc_us);
        }
    } else if (unit == Unit::count) {
        // A graph that leaves the number to QNN reports 0.
        if (event == "Number of HVX threads used") {
            hvx_threads_ = std::max(hvx_threads_.value_or(0), static_cast<int>(value));
        } else if (event == "Num times yield occured") {
            details().yields = details().yields.value_or(0) + static_cast<int>(value);
        }
    } else if (event.starts_with("Accelerator (execute) time")) {
        details().cycles = details().cycles.value_or(0) + value;
    } else if (const size_t id = event.find(":OpId_"); id != std::string_view::npos) {
        const std::string part = part_ == 0 ? "" : " (part " + std::to_string(part_) + ")";
        operators_.push_back({std::string(event.substr(0, id)) + part, value});
    }
}

void HtpFigures::write(StepTimings& timings) {
    timings.accelerator_us = accelerator_us_;
    timings.hvx_threads = hvx_threads_;
    if (!operators_.empty()) {
        auto& slowest = details().slowest;
        slowest.resize(std::min(operators_.size(), HtpDetails::most_operators));
        std::partial_sort_copy(operators_.begin(), operators_.end(), slowest.begin(), slowest.end(),
                               [](const auto& one, const auto& other) { return one.cycles > other.cycles; });
    }
    timings.htp = std::exchange(details_, std::nullopt);
}

HtpDetails& HtpFigures::details() { return details_ ? *details_ : details_.emplace(); }

}  // namespace wyvern
