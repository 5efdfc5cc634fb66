#include "language_model.h"

#include <algorithm>

namespace wyvern {

namespace {

template <typename Value, typename Join>
void join(std::optional<Value>& sum, const std::optional<Value>& later, Join join) {
    if (later) {
        sum = sum ? join(*sum, *later) : *later;
    }
}

/// Adds a later pass's cycles; operators outside of the slowest in either pass do not count.
void join(std::vector<OperatorCycles>& sum, const std::vector<OperatorCycles>& later) {
    for (const OperatorCycles& one : later) {
        const auto same = std::find_if(sum.begin(), sum.end(), [&](const auto& other) { return other.name == one.name; });
        if (same == sum.end()) {
            sum.push_back(one);
        } else {
            same->cycles += one.cycles;
        }
    }
    std::sort(sum.begin(), sum.end(), [](const auto& a, const auto& b) { return a.cycles > b.cycles; });
    sum.resize(std::min(sum.size(), HtpDetails::most_operators));
}

}  // namespace

void StepTimings::add(const StepTimings& later) {
    const auto plus = [](double a, double b) { return a + b; };
    wall_us += later.wall_us;
    join(backend_us, later.backend_us, plus);
    join(accelerator_us, later.accelerator_us, plus);
    join(hvx_threads, later.hvx_threads, [](int a, int b) { return std::max(a, b); });
    if (!later.htp) {
        return;
    }
    if (!htp) {
        htp = later.htp;
        return;
    }
    join(htp->vtcm_acquire_us, later.htp->vtcm_acquire_us, plus);
    join(htp->power_on_us, later.htp->power_on_us, plus);
    join(htp->rpc_us, later.htp->rpc_us, plus);
    join(htp->cycles, later.htp->cycles, [](uint64_t a, uint64_t b) { return a + b; });
    join(htp->yields, later.htp->yields, [](int a, int b) { return a + b; });
    htp->parts_us.resize(std::max(htp->parts_us.size(), later.htp->parts_us.size()));
    std::transform(later.htp->parts_us.begin(), later.htp->parts_us.end(), htp->parts_us.begin(), htp->parts_us.begin(), plus);
    join(htp->slowest, later.htp->slowest);
}

}  // namespace wyvern
