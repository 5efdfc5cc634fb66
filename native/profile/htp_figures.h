#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "../model/language_model.h"

namespace wyvern {

/// Collects what QNN reports of one step. At profile level 1 these come after each execute:
///   "Accelerator (execute) time" and "QNN (execute) time" in µs, "Number of HVX threads used";
/// at level 2 also
///   "Time for initial VTCM acquire" and "Time for HVX + HMX power on and acquire" in µs,
///   "Accelerator (execute) time" in cycles, "Num times yield occured", and "NAME:OpId_N" in cycles per operator.
/// Several executes of one step add up; HVX threads are the maximum. Others, several hundred a step, are skipped.
class HtpFigures {
 public:
    enum class Unit { microseconds, cycles, count };

    void clear();

    /// Adds a part's number to the names of the operators that follow: parts are compiled apart and use the same names.
    void begin_part(size_t number) { part_ = number; }

    void add(std::string_view event, Unit unit, uint64_t value);

    /// "QNN (execute) time", µs.
    std::optional<double> qnn_us() const { return qnn_us_; }
    /// "Accelerator (execute) time", µs.
    std::optional<double> accelerator_us() const { return accelerator_us_; }

    /// Writes the figures to a step's timings, except `backend_us`.
    void write(StepTimings& timings);

 private:
    HtpDetails& details();

    std::optional<double> qnn_us_;
    std::optional<double> accelerator_us_;
    std::optional<int> hvx_threads_;
    std::optional<HtpDetails> details_;
    std::vector<OperatorCycles> operators_;
    /// 0 for a model of one part.
    size_t part_ = 0;
};

}  // namespace wyvern
