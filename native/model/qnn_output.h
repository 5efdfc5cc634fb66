#pragma once

#include <memory>

#include "../platform/output_capture.h"

namespace wyvern {

/// Captures output during one call into the QNN backend. Lines of the backend and of Qualcomm's libraries go to the
/// runtime's log at their level, not to standard error. It passes on all other output when the call ends.
class QnnOutput {
 public:
    /// The kind of call. Executing prints only to standard error, and the app may print an answer meanwhile.
    enum class Call { execute, other };

    /// With `active` false it does nothing, so that programs for the CPU pay nothing.
    QnnOutput(bool active, Call call);
    ~QnnOutput();
    QnnOutput(const QnnOutput&) = delete;
    QnnOutput& operator=(const QnnOutput&) = delete;

    /// Passes on the captured output and ends the capture.
    void end();

 private:
    std::unique_ptr<OutputCapture> capture_;
};

}  // namespace wyvern
