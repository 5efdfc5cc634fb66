#pragma once

#include <functional>
#include <string>
#include <vector>

namespace wyvern {

enum class LogLevel { debug, info, warning, error };

/// Receives one line of the runtime's log. Called on whichever thread logs, never on two at once; must not block.
using LogSink = std::function<void(LogLevel, const std::string&)>;

/// Thrown in place of the end of the process where one of ExecuTorch's own checks fails. The frames of the runtime that
/// it leaves may have no clean-up: whatever ran must not be used or destroyed afterwards.
class RuntimeCheckFailed {};

/// Takes ExecuTorch's log away from standard error. Call once, before anything else of the runtime runs.
/// Lines go to the sink, if one is set; without a sink they vanish. Where a check of the runtime fails, it throws
/// `RuntimeCheckFailed` if the thread has a `LogCapture`. On other threads nothing could catch that: the process ends, and
/// its last words go to standard error.
void take_over_runtime_log();

/// Sets or, with an empty function, removes the sink for lines at or above `level`.
void set_log_sink(LogLevel level, LogSink sink);

/// Adds a line as if the runtime had logged it on this thread.
void log_line(LogLevel level, std::string line);

/// While it lives, collects what the runtime logs on this thread, so that a failed call can say what it missed.
/// Collected lines reach the sink at debug level: what they mean is told by the failure itself. Scopes may nest.
class LogCapture {
 public:
    LogCapture();
    ~LogCapture();
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;

    const std::vector<std::string>& lines() const { return lines_; }

    /// Those among them that were errors.
    const std::vector<std::string>& errors() const { return errors_; }

 private:
    friend void log_line(LogLevel, std::string);

    LogCapture* outer_;
    std::vector<std::string> lines_;
    std::vector<std::string> errors_;
};

}  // namespace wyvern
