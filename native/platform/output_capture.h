#pragma once

#include <memory>
#include <string>

namespace wyvern {

/// Captures everything that the process writes to standard error, and on request to standard output, while it lives.
///
/// Use it for one call of a library that always prints: QNN's backend reports its errors and their numbers only there.
/// Descriptors belong to the whole process, so the capture also gets other output; the caller must pass that on.
class OutputCapture {
 public:
    enum class Streams { error, both };

    struct Text {
        std::string output;
        std::string error;
    };

    explicit OutputCapture(Streams streams);
    /// Ends the capture, if `take` did not; drops the captured text.
    ~OutputCapture();
    OutputCapture(const OutputCapture&) = delete;
    OutputCapture& operator=(const OutputCapture&) = delete;

    /// Ends the capture and returns the captured text; empty if there is none, or if the capture failed.
    Text take();

 private:
    struct Redirections;
    std::unique_ptr<Redirections> redirections_;
};

}  // namespace wyvern
