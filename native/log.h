#pragma once

#include <functional>
#include <string>
#include <vector>

namespace wyvern {

enum class LogLevel { debug, info, warning, error };

/// Receives one line of the runtime's log. Any thread may call it, but never two at once; it must not block.
using LogSink = std::function<void(LogLevel, const std::string&)>;

/// Thrown if one of ExecuTorch's own checks fails, instead of ending the process. The runtime's frames may not have
/// cleaned up, so do not use or destroy the objects that ran.
class RuntimeCheckFailed {};

/// Removes ExecuTorch's log from standard error. Call it once, before any other call into the runtime. Lines go to the
/// sink; without a sink they are dropped. If a check of the runtime fails on a thread with a `LogCapture`, it throws
/// `RuntimeCheckFailed`. Other threads could not catch that: the process ends, and its last lines go to standard error.
void take_over_runtime_log();

/// Sets or, with an empty function, removes the sink for lines at or above `level`.
void set_log_sink(LogLevel level, LogSink sink);

/// Adds a line as if the runtime had logged it on this thread.
void log_line(LogLevel level, std::string line);

/// Collects the runtime's log lines on this thread while it lives, so that a failure can name the missing part. The
/// sink gets collected lines at debug level, because the failure's message has their meaning. Scopes may nest.
class LogCapture {
 public:
    LogCapture();
    ~LogCapture();
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;

    const std::vector<std::string>& lines() const { return lines_; }

    /// The collected error lines.
    const std::vector<std::string>& errors() const { return errors_; }

    /// The error lines of this thread's innermost capture; empty without one.
    static std::vector<std::string> current_errors();

 private:
    friend void log_line(LogLevel, std::string);

    LogCapture* outer_;
    std::vector<std::string> lines_;
    std::vector<std::string> errors_;
};

}  // namespace wyvern
