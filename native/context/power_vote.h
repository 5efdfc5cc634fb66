#pragma once

#include <cstdint>
#include <string>

#include "../model/qnn_runtime.h"
#include "htp_device.h"

namespace wyvern {

/// A vote for the accelerator's clocks, for as long as this object lives. The driver sums the votes of all processes.
/// The voltages and latencies of each mode are those of ExecuTorch's QNN backend (`HtpDevice.cpp`), so that a mode
/// means the same for both kinds of model.
class PowerVote {
 public:
    /// Never fails: a driver without these settings leaves the clocks as they are, and `fault` says why.
    PowerVote(const HtpDevice& device, QnnPerformance mode);
    ~PowerVote();
    PowerVote(const PowerVote&) = delete;
    PowerVote& operator=(const PowerVote&) = delete;

    /// Empty if the vote counts.
    const std::string& fault() const { return fault_; }

 private:
    bool set(const qnn::PowerConfig* const* configs, const char* what);

    const qnn::PerfInfrastructure* infrastructure_ = nullptr;
    uint32_t client_ = 0;
    std::string fault_;
};

}  // namespace wyvern
