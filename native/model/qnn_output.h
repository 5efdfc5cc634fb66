#pragma once

#include <memory>

#include "../platform/output_capture.h"

namespace wyvern {

/// Around one call into the QNN backend: what the backend and Qualcomm's libraries print meanwhile becomes lines of the
/// runtime's log, at their level, instead of reaching standard error; what others print is passed on when the call ends.
class QnnOutput {
 public:
    /// What the call does: executing prints to standard error alone, and the app may be printing an answer meanwhile.
    enum class Call { execute, other };

    /// With `active` false it does nothing, so that programs of the CPU pay nothing.
    QnnOutput(bool active, Call call);
    ~QnnOutput();
    QnnOutput(const QnnOutput&) = delete;
    QnnOutput& operator=(const QnnOutput&) = delete;

    /// Hands over what was printed so far; ends the capture.
    void end();

 private:
    std::unique_ptr<OutputCapture> capture_;
};

}  // namespace wyvern
