#include "log.h"

#include <executorch/runtime/platform/platform.h>
#include <executorch/runtime/platform/runtime.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

namespace wyvern {

namespace {

thread_local LogCapture* innermost = nullptr;

std::mutex sink_mutex;
LogSink sink;
// Read without the lock for every line, so that a silent log costs nothing.
std::atomic<int> threshold{static_cast<int>(LogLevel::error) + 1};

void forward(LogLevel level, const std::string& line) {
    if (static_cast<int>(level) < threshold.load(std::memory_order_relaxed)) {
        return;
    }
    const std::lock_guard lock(sink_mutex);
    if (sink) {
        sink(level, line);
    }
}

LogLevel level_of(et_pal_log_level_t level) {
    switch (level) {
        case kDebug:
            return LogLevel::debug;
        case kInfo:
            return LogLevel::info;
        case kError:
        case kFatal:
        case kUnknown:
            break;
    }
    return LogLevel::error;
}

void emit(et_timestamp_t, et_pal_log_level_t level, const char* file, const char*, size_t line, const char* message,
          size_t length) {
    std::string text(message, length);
    if (level == kFatal && innermost == nullptr) {
        std::fprintf(stderr, "ExecuTorch %s:%zu: %s\n", file, line, text.c_str());
    }
    log_line(level_of(level), std::move(text));
}

/// The runtime calls this when one of its checks fails. It must not return.
void fail_check() {
    if (innermost != nullptr) {
        throw RuntimeCheckFailed{};
    }
    std::abort();
}

}  // namespace

/// Passes a line to this thread's innermost capture, or to the sink.
void log_line(LogLevel level, std::string line) {
    if (innermost == nullptr) {
        forward(level, line);
        return;
    }
    forward(LogLevel::debug, line);
    if (level == LogLevel::error) {
        innermost->errors_.push_back(line);
    }
    innermost->lines_.push_back(std::move(line));
}

LogCapture::LogCapture() : outer_(std::exchange(innermost, this)) {}

std::vector<std::string> LogCapture::current_errors() {
    return innermost == nullptr ? std::vector<std::string>() : innermost->errors_;
}

LogCapture::~LogCapture() { innermost = outer_; }

void take_over_runtime_log() {
    static const bool taken = [] {
        executorch::runtime::register_pal(executorch::runtime::PalImpl::create(nullptr, &fail_check, nullptr, nullptr,
                                                                               &emit, nullptr, nullptr, __FILE__));
        executorch::runtime::runtime_init();
        return true;
    }();
    static_cast<void>(taken);
}

void set_log_sink(LogLevel level, LogSink next) {
    const std::lock_guard lock(sink_mutex);
    threshold.store(next ? static_cast<int>(level) : static_cast<int>(LogLevel::error) + 1, std::memory_order_relaxed);
    sink = std::move(next);
}

}  // namespace wyvern
