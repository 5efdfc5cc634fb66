#include "qnn_output.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>

#include "../log.h"

namespace wyvern {

namespace {

/// The level of a QNN line, or nothing for other lines:
///   "[ERROR] [Qnn ExecuTorch]: …"            ExecuTorch's backend
///   "… <E> …", "… <W> …"                     Qualcomm's libraries through that backend
///   " # LIBNATIVE: …"                        the emulator's start
std::optional<LogLevel> level_of(std::string_view line) {
    if (line.find("[Qnn ExecuTorch]") != std::string_view::npos || line.find("[QnnExecuTorch") != std::string_view::npos) {
        const bool error = line.find("ERROR") != std::string_view::npos || line.find("<E>") != std::string_view::npos;
        return error ? LogLevel::error : LogLevel::debug;
    }
    if (line.find("<E>") != std::string_view::npos) {
        return LogLevel::error;
    }
    if (line.find("<W>") != std::string_view::npos || line.find("<I>") != std::string_view::npos ||
        line.find("LIBNATIVE") != std::string_view::npos) {
        return LogLevel::debug;
    }
    return std::nullopt;
}

/// Sends QNN's lines to the log and all others to their original stream.
void pass_on(const std::string& text, std::FILE* stream) {
    for (size_t start = 0; start < text.size();) {
        const size_t stop = std::min(text.find('\n', start), text.size() - 1);
        const std::string_view line = std::string_view(text).substr(start, stop + 1 - start);
        start = stop + 1;
        if (const auto level = level_of(line)) {
            log_line(*level, std::string(line.substr(0, line.find_last_not_of("\r\n") + 1)));
        } else {
            std::fwrite(line.data(), 1, line.size(), stream);
        }
    }
    std::fflush(stream);
}

}  // namespace

QnnOutput::QnnOutput(bool active, Call call) {
    if (active) {
        capture_ = std::make_unique<OutputCapture>(call == Call::execute ? OutputCapture::Streams::error
                                                                         : OutputCapture::Streams::both);
    }
}

QnnOutput::~QnnOutput() { end(); }

void QnnOutput::end() {
    if (!capture_) {
        return;
    }
    const OutputCapture::Text text = capture_->take();
    capture_.reset();
    pass_on(text.output, stdout);
    pass_on(text.error, stderr);
}

}  // namespace wyvern
