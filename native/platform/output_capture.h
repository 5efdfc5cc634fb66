#pragma once

#include <memory>
#include <string>

namespace wyvern {

/// While it lives, keeps what the process writes to standard error, and to standard output if asked, whoever writes it.
///
/// For libraries that print by themselves and cannot be told not to: QNN's backend puts its errors, numbers included,
/// nowhere else. For the length of one call. Descriptors belong to the whole process, so what others print meanwhile is
/// kept too; who takes the text must give that part back.
class OutputCapture {
 public:
    enum class Streams { error, both };

    struct Text {
        std::string output;
        std::string error;
    };

    explicit OutputCapture(Streams streams);
    /// Ends the capture if `take` has not; what was written then is lost.
    ~OutputCapture();
    OutputCapture(const OutputCapture&) = delete;
    OutputCapture& operator=(const OutputCapture&) = delete;

    /// Ends the capture and returns all that was written; empty if nothing was, or if nothing could be captured.
    Text take();

 private:
    struct Redirections;
    std::unique_ptr<Redirections> redirections_;
};

}  // namespace wyvern
