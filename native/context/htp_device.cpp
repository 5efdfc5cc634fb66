#include "htp_device.h"

#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "../failure.h"
#include "../model/qnn_runtime.h"

namespace wyvern {

namespace {

/// `QnnLog_Level_t`.
constexpr uint32_t log_errors = 1;
/// `QNN_COMMON_ERROR_MEM_ALLOC`.
constexpr uint64_t out_of_memory = 1002;
/// `QnnProfile_Level_t`.
constexpr uint32_t profile_basic = 1;
constexpr uint32_t profile_detailed = 2;
/// Events have parts, and those have parts.
constexpr int deepest_event = 4;
constexpr uint32_t most_events = 1u << 16;
constexpr size_t longest_line = 1000;
constexpr size_t longest_explanation = 2000;

/// QNN calls it on its own threads too, so lines of those go to the sink alone.
void take_line(const char* format, uint32_t, uint64_t, va_list arguments) {
    char line[longest_line];
    if (std::vsnprintf(line, sizeof(line), format, arguments) > 0) {
        const bool marked = std::string_view(line).find("<E>") != std::string_view::npos;
        std::string text = (marked ? "" : "<E> ") + std::string(line);
        text.erase(text.find_last_not_of("\r\n ") + 1);
        log_line(LogLevel::error, std::move(text));
    }
}

}  // namespace

HtpDevice::HtpDevice() : functions_(qnn_in_use().backend->functions) {
    hold_.take();
    try {
        create();
    } catch (...) {
        free();
        throw;
    }
}

HtpDevice::~HtpDevice() { free(); }

void HtpDevice::create() {
    // Without a log QNN prints to standard error.
    call(qnn::kLogCreate, &take_line, log_errors, &log_);
    void* const none = nullptr;
    require("QnnBackend_create", qnn::kBackendCreate, log_, none, &backend_);
    require("QnnDevice_create", qnn::kDeviceCreate, log_, none, &device_);
    const QnnProfile level = qnn_in_use().options.profile;
    if (level != QnnProfile::off) {
        require("QnnProfile_create", qnn::kProfileCreate, backend_,
                level == QnnProfile::basic ? profile_basic : profile_detailed, &profile_);
    }
}

void HtpDevice::free() {
    const QnnOutput output(true, QnnOutput::Call::other);
    if (profile_ != nullptr) {
        call(qnn::kProfileFree, profile_);
    }
    if (device_ != nullptr) {
        call(qnn::kDeviceFree, device_);
    }
    if (backend_ != nullptr) {
        call(qnn::kBackendFree, backend_);
    }
    if (log_ != nullptr) {
        call(qnn::kLogFree, log_);
    }
}

void HtpDevice::fail(const std::string& what, uint64_t error, const LogCapture& log) {
    // The upper half is QNN's own.
    const uint64_t number = error & 0xffffu;
    std::string message = what + " failed: error " + std::to_string(number) + ".";
    for (const std::string& line : log.errors()) {
        if (message.size() + line.size() < longest_explanation) {
            message += " " + line;
        }
    }
    throw Failure(number == out_of_memory ? FailureCode::out_of_memory : FailureCode::execution_failed, message);
}

void HtpDevice::read_events(HtpFigures& figures) const {
    const uint64_t* events = nullptr;
    uint32_t count = 0;
    if (profile_ != nullptr && call(qnn::kProfileGetEvents, profile_, &events, &count) == qnn::kSuccess &&
        events != nullptr && count <= most_events) {
        read_events({events, count}, figures, 0);
    }
}

void HtpDevice::read_events(std::span<const uint64_t> events, HtpFigures& figures, int depth) const {
    for (const uint64_t event : events) {
        qnn::ProfileEvent data{};
        if (call(qnn::kProfileGetEventData, event, &data) == qnn::kSuccess && data.identifier != nullptr) {
            if (data.unit == qnn::kMicroseconds) {
                figures.add(data.identifier, HtpFigures::Unit::microseconds, data.value);
            } else if (data.unit == qnn::kCycles) {
                figures.add(data.identifier, HtpFigures::Unit::cycles, data.value);
            } else {
                figures.add(data.identifier, HtpFigures::Unit::count, data.value);
            }
        }
        const uint64_t* parts = nullptr;
        uint32_t count = 0;
        if (depth < deepest_event && call(qnn::kProfileGetSubEvents, event, &parts, &count) == qnn::kSuccess &&
            parts != nullptr && count <= most_events) {
            read_events({parts, count}, figures, depth + 1);
        }
    }
}

}  // namespace wyvern
