#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "arguments.h"
#include "instruction_set.h"
#include "operators.h"
#include "parallel.h"
#include "rows/row_kernels.h"
#include "scratch.h"

namespace wyvern::kernels {

namespace {

/// Products below which a second thread costs more than it saves.
constexpr std::int64_t kProductsPerTask = 65'536;

struct Operands {
    const Tensor* query;
    const Tensor* key;
    const Tensor* value;
    const Tensor* decay;
    const Tensor* beta;
    const Tensor* initial;
    const Tensor* out;
    const Tensor* final;
};

bool are_floats(const Operands& x) {
    const auto all = {x.query, x.key, x.value, x.decay, x.beta, x.initial, x.out, x.final};
    return std::all_of(all.begin(), all.end(), [](const Tensor* t) { return t->scalar_type() == ScalarType::Float; });
}

/// Whether the first `count` sizes of two tensors are equal; both have at least so many.
bool same_first(const Tensor& a, const Tensor& b, int count) {
    for (int i = 0; i < count; ++i) {
        if (a.size(i) != b.size(i)) return false;
    }
    return true;
}

bool shapes_fit(const Operands& x) {
    if (x.query->dim() != 4 || x.key->dim() != 4 || x.value->dim() != 4 || x.beta->dim() != 3 ||
        x.initial->dim() != 4 || x.out->dim() != 4 || x.final->dim() != 4) {
        return false;
    }
    const bool scalar = x.decay->dim() == 3 && same_sizes(*x.decay, *x.beta);
    if (!scalar && !same_sizes(*x.decay, *x.key)) return false;
    return same_first(*x.beta, *x.key, 3) && same_first(*x.value, *x.key, 3) && same_first(*x.initial, *x.key, 2) &&
           x.initial->size(2) == x.key->size(3) && x.initial->size(3) == x.value->size(3) &&
           x.query->size(0) == x.key->size(0) && x.query->size(2) == x.key->size(2) &&
           x.query->size(3) == x.key->size(3) && x.key->size(1) > 0 && x.query->size(1) % x.key->size(1) == 0;
}

bool resize_outputs(const Operands& x) {
    std::array<executorch::aten::SizesType, 4> sizes{};
    std::copy(x.query->sizes().begin(), x.query->sizes().end(), sizes.begin());
    sizes[3] = x.value->sizes()[3];
    return executorch::runtime::resize_tensor(*x.out, {sizes.data(), sizes.size()}) == Error::Ok &&
           executorch::runtime::resize_tensor(*x.final, x.initial->sizes()) == Error::Ok;
}

const float* floats(const Tensor& tensor) { return static_cast<const float*>(tensor.const_data_ptr()); }

/// Runs columns `first … first + kColumns - 1` of the state of head `head`, counted over the batch. Returns false if
/// there is no memory for them.
bool run_columns(const Operands& x, std::int64_t head, std::int64_t first) {
    const std::int64_t tokens = x.key->size(2);
    const std::int64_t keys = x.key->size(3);
    const std::int64_t values = x.value->size(3);
    constexpr std::int64_t kColumns = DeltaRule::kColumns;
    float* state = scratch_of_thread(static_cast<std::size_t>(keys * kColumns));
    if (state == nullptr) return false;
    const std::int64_t columns = std::min(kColumns, values - first);
    const std::int64_t place = head * keys * values + first;
    for (std::int64_t k = 0; k < keys; ++k) {
        const float* row = floats(*x.initial) + place + k * values;
        std::fill(std::copy(row, row + columns, state + k * kColumns), state + (k + 1) * kColumns, 0.0f);
    }
    DeltaRule rule;
    rule.tokens = tokens;
    rule.keys = keys;
    rule.values = values;
    rule.columns = columns;
    rule.queries = x.query->size(1) / x.key->size(1);
    rule.query = floats(*x.query) + head * rule.queries * tokens * keys;
    rule.key = floats(*x.key) + head * tokens * keys;
    rule.value = floats(*x.value) + head * tokens * values + first;
    rule.decay_width = x.decay->dim() == 4 ? keys : 1;
    rule.decay = floats(*x.decay) + head * tokens * rule.decay_width;
    rule.beta = floats(*x.beta) + head * tokens;
    rule.state = state;
    rule.out = static_cast<float*>(x.out->mutable_data_ptr()) + head * rule.queries * tokens * values + first;
    instruction_set().rows->delta_rule(rule);
    auto* final = static_cast<float*>(x.final->mutable_data_ptr()) + place;
    for (std::int64_t k = 0; k < keys; ++k) {
        std::copy(state + k * kColumns, state + k * kColumns + columns, final + k * values);
    }
    return true;
}

}  // namespace

void gated_delta_rule(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    Operands x{};
    for (const Tensor** operand : {&x.query, &x.key, &x.value, &x.decay, &x.beta, &x.initial, &x.out, &x.final}) {
        *operand = arguments.tensor();
    }
    if (!arguments.ok()) return;
    if (!are_floats(x) || !shapes_fit(x)) {
        refuse(context, Error::InvalidArgument, "gated_delta_rule: operands differ in shape or are not float32");
        return;
    }
    if (!resize_outputs(x)) {
        refuse(context, Error::InvalidArgument, "gated_delta_rule: an output cannot take its shape");
        return;
    }
    const std::int64_t heads = x.key->size(0) * x.key->size(1);
    const std::int64_t blocks = (x.value->size(3) + DeltaRule::kColumns - 1) / DeltaRule::kColumns;
    const std::int64_t parts = heads * blocks;
    if (parts == 0) return;
    const std::int64_t most = std::min(parts, thread_count());
    const std::int64_t tasks = std::clamp<std::int64_t>(x.key->numel() * x.value->size(3) / kProductsPerTask, 1, most);
    std::atomic<bool> enough{true};
    const bool ran = run_tasks(tasks, [&](std::int64_t task) {
        for (std::int64_t part = parts * task / tasks; part < parts * (task + 1) / tasks; ++part) {
            if (!run_columns(x, part / blocks, part % blocks * DeltaRule::kColumns)) enough = false;
        }
    });
    if (!ran || !enough) refuse(context, Error::MemoryAllocationFailed, "gated_delta_rule: no memory for a state");
}

}  // namespace wyvern::kernels
