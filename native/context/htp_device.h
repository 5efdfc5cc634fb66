#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../log.h"
#include "../model/qnn_hold.h"
#include "../model/qnn_interface.h"
#include "../model/qnn_output.h"
#include "../profile/htp_figures.h"

namespace wyvern {

/// QNN's backend and device of this process, with its log. Call `use_qnn` first. Use it from one thread at a time.
class HtpDevice {
 public:
    /// Throws `execution-failed` with QNN's number and its own lines.
    HtpDevice();
    ~HtpDevice();
    HtpDevice(const HtpDevice&) = delete;
    HtpDevice& operator=(const HtpDevice&) = delete;

    /// Calls an entry of QNN's function table; returns its number, 0 for success. Integers of 64 bits and pointers
    /// only.
    template <typename... Arguments>
    uint64_t call(qnn::FunctionIndex index, Arguments... arguments) const {
        return reinterpret_cast<uint64_t (*)(Arguments...)>(functions_[index])(arguments...);
    }

    /// Like `call`, and captures what QNN prints meanwhile. Throws like `fail` unless it succeeds. `what` names the
    /// call, e.g. `QnnGraph_retrieve of …`.
    template <typename... Arguments>
    void require(const std::string& what, qnn::FunctionIndex index, Arguments... arguments) const {
        const LogCapture log;
        uint64_t error = qnn::kSuccess;
        {
            const QnnOutput output(true, QnnOutput::Call::other);
            error = call(index, arguments...);
        }
        if (error != qnn::kSuccess) {
            fail(what, error, log);
        }
    }

    /// Throws `out-of-memory` or `execution-failed` with QNN's number and the captured error lines.
    [[noreturn]] static void fail(const std::string& what, uint64_t error, const LogCapture& log);

    void* backend() const { return backend_; }
    void* device() const { return device_; }
    /// Null at the profile level `off`.
    void* profile() const { return profile_; }

    /// Adds the events of the latest execute.
    void read_events(HtpFigures& figures) const;

 private:
    void create();
    void free();
    void read_events(std::span<const uint64_t> events, HtpFigures& figures, int depth) const;

    QnnHold hold_;
    void* const* functions_;
    void* log_ = nullptr;
    void* backend_ = nullptr;
    void* device_ = nullptr;
    void* profile_ = nullptr;
};

}  // namespace wyvern
