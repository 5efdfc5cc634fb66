#include "power_vote.h"

#include "../model/qnn_output.h"

namespace wyvern {

namespace {

/// `QnnHtpPerfInfrastructure_VoltageCorner_t`.
enum Corner : uint32_t {
    svs2 = 0x30,
    svs = 0x40,
    svs_plus = 0x50,
    nominal = 0x60,
    nominal_plus = 0x70,
    turbo = 0x80,
    maximum = 0xa0,
};

/// `QnnHtpPerfInfrastructure_PowerMode_t`.
constexpr uint32_t power_saver = 0x4;
constexpr uint32_t performance = 0x10;

/// Microseconds.
constexpr uint32_t control_latency = 100;
constexpr uint32_t longest_polling = 9999;
constexpr uint32_t released_latency = 2000;

struct Mode {
    Corner corner;
    /// Time until the accelerator may sleep, µs.
    uint32_t sleep_latency;
    /// Time that a call polls for its result instead of waiting for an interrupt, µs.
    uint32_t polling;
};

Mode mode_of(QnnPerformance performance) {
    switch (performance) {
        case QnnPerformance::burst:
            return {maximum, 40, longest_polling};
        case QnnPerformance::sustained_high:
        case QnnPerformance::high:
            return {turbo, 100, longest_polling};
        case QnnPerformance::power_saver:
            return {svs, 1000, 0};
        case QnnPerformance::low_power_saver:
            return {svs2, 1000, 0};
        case QnnPerformance::high_power_saver:
            return {svs_plus, 1000, 0};
        case QnnPerformance::low_balanced:
            return {nominal, 1000, 0};
        case QnnPerformance::balanced:
        case QnnPerformance::standard:
            break;
    }
    return {nominal_plus, 1000, 0};
}

qnn::PowerConfig clocks(uint32_t client, Corner corner, uint32_t sleep_latency, bool adjusts) {
    qnn::PowerConfig config{};
    config.option = qnn::kDcvsV3;
    qnn::DcvsV3& dcvs = config.dcvs;
    dcvs.client = client;
    dcvs.set_enable = 1;
    dcvs.enable = adjusts ? 1 : 0;
    dcvs.power_mode = adjusts ? power_saver : performance;
    dcvs.set_sleep_latency = 1;
    dcvs.sleep_latency = sleep_latency;
    dcvs.set_bus = dcvs.set_core = 1;
    for (size_t i = 0; i < 3; ++i) {
        dcvs.bus_corners[i] = dcvs.core_corners[i] = corner;
    }
    return config;
}

}  // namespace

PowerVote::PowerVote(const HtpDevice& device, QnnPerformance mode) {
    const QnnOutput output(true, QnnOutput::Call::other);
    const qnn::PerfInfrastructure* found = nullptr;
    if (const uint64_t error = device.call(qnn::kDeviceGetInfrastructure, &found);
        error != qnn::kSuccess || found == nullptr || found->type != qnn::kPerfInfrastructure) {
        fault_ = "QNN offers no performance modes here (error " + std::to_string(error & 0xffffu) + ")";
        return;
    }
    constexpr uint32_t first = 0;
    if (const uint64_t error = found->create(first, first, &client_); error != qnn::kSuccess) {
        fault_ = "QNN took no performance mode (error " + std::to_string(error & 0xffffu) + ")";
        return;
    }
    infrastructure_ = found;
    const Mode chosen = mode_of(mode);
    const qnn::PowerConfig dcvs = clocks(client_, chosen.corner, chosen.sleep_latency, false);
    qnn::PowerConfig latency{};
    latency.option = qnn::kRpcControlLatency;
    latency.microseconds = control_latency;
    qnn::PowerConfig polling{};
    polling.option = qnn::kRpcPollingTime;
    polling.microseconds = chosen.polling;
    const qnn::PowerConfig* const vote[] = {&dcvs, nullptr};
    const qnn::PowerConfig* const rpc[] = {&latency, &polling, nullptr};
    if (set(vote, "its clocks")) {
        set(rpc, "its polling");
    }
}

PowerVote::~PowerVote() {
    if (infrastructure_ == nullptr) {
        return;
    }
    const QnnOutput output(true, QnnOutput::Call::other);
    const qnn::PowerConfig released = clocks(client_, svs2, released_latency, true);
    const qnn::PowerConfig* const configs[] = {&released, nullptr};
    infrastructure_->set(client_, configs);
    infrastructure_->destroy(client_);
}

bool PowerVote::set(const qnn::PowerConfig* const* configs, const char* what) {
    const uint64_t error = infrastructure_->set(client_, configs);
    if (error == qnn::kSuccess) {
        return true;
    }
    fault_ = "QNN did not set " + std::string(what) + " (error " + std::to_string(error & 0xffffu) + ")";
    return false;
}

}  // namespace wyvern
