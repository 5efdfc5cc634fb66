#include "output_capture.h"

#include <cstdio>
#include <mutex>
#include <optional>

#include "descriptors.h"

namespace wyvern {

namespace {

/// Two simultaneous captures would save each other's descriptors.
std::mutex one_at_a_time;

constexpr int output_descriptor = 1;
constexpr int error_descriptor = 2;

/// One stream, redirected to a file.
class Redirection {
 public:
    Redirection(int descriptor, int file) : descriptor_(descriptor), file_(file), original_(redirect(descriptor, file)) {}

    std::string end() {
        restore(descriptor_, original_);
        return take_contents(file_);
    }

 private:
    int descriptor_;
    int file_;
    int original_;
};

void flush() {
    std::fflush(stdout);
    std::fflush(stderr);
}

}  // namespace

struct OutputCapture::Redirections {
    std::unique_lock<std::mutex> lock{one_at_a_time};
    std::optional<Redirection> output;
    std::optional<Redirection> error;
};

OutputCapture::OutputCapture(Streams streams) {
    // Opened once, and emptied after each capture.
    static const int output_file = open_unnamed_file();
    static const int error_file = open_unnamed_file();
    if (output_file < 0 || error_file < 0) {
        return;
    }
    redirections_ = std::make_unique<Redirections>();
    flush();
    redirections_->error.emplace(error_descriptor, error_file);
    if (streams == Streams::both) {
        redirections_->output.emplace(output_descriptor, output_file);
    }
}

OutputCapture::~OutputCapture() { take(); }

OutputCapture::Text OutputCapture::take() {
    Text text;
    if (redirections_) {
        flush();
        text.error = redirections_->error->end();
        if (redirections_->output) {
            text.output = redirections_->output->end();
        }
        redirections_.reset();
    }
    return text;
}

}  // namespace wyvern
