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

}  // namespace

void StepTimings::add(const StepTimings& later) {
    const auto plus = [](double a, double b) { return a + b; };
    wall_us += later.wall_us;
    join(backend_us, later.backend_us, plus);
    join(accelerator_us, later.accelerator_us, plus);
    join(hvx_threads, later.hvx_threads, [](int a, int b) { return std::max(a, b); });
}

}  // namespace wyvern
