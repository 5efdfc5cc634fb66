#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include <algorithm>
#include <limits>

#include "instruction_set.h"
#include "linear_arguments.h"
#include "operators.h"
#include "parallel.h"
#include "rows/row_kernels.h"

namespace wyvern::kernels {

namespace {

/// Elements below which a second thread costs more than it saves.
constexpr std::int64_t kElementsPerTask = 16'384;

/// Calls `run(first, last)` for parts of `count` rows of `width` elements, on the pool if that is faster.
template <class Run>
void for_rows(Context& context, std::int64_t count, std::int64_t width, Run run) {
    if (count == 0) return;
    const std::int64_t most = std::min(count, thread_count());
    const std::int64_t tasks = std::clamp<std::int64_t>(count * width / kElementsPerTask, 1, most);
    const std::int64_t share = (count + tasks - 1) / tasks;
    const bool ran = run_tasks(tasks, [&](std::int64_t task) {
        const std::int64_t first = std::min(task * share, count);
        run(first, std::min(first + share, count));
    });
    if (!ran) refuse(context, Error::Internal, "the thread pool did not run");
}

const float* floats(const Tensor& tensor) { return static_cast<const float*>(tensor.const_data_ptr()); }

bool is_float(Context& context, const Tensor& tensor) {
    return tensor.scalar_type() == ScalarType::Float ||
           refuse(context, Error::InvalidArgument, "an operand must be of float32");
}

/// Runs a gated unit: gate, up, out.
void gated(Context& context, Stack stack,
           void (*RowKernels::*kernel)(const float*, const float*, std::int64_t, float*)) {
    Arguments arguments(context, stack);
    const Tensor* gate = arguments.tensor();
    const Tensor* up = arguments.tensor();
    const Tensor* out = arguments.tensor();
    if (!arguments.ok() || !is_float(context, *gate) || !is_float(context, *up)) return;
    if (!same_sizes(*gate, *up) || gate->dim() == 0 || gate->dim() != out->dim()) {
        refuse(context, Error::InvalidArgument, "a gated unit: operands and output differ in shape");
        return;
    }
    if (!take_sizes(context, *gate, 0, *out)) return;
    const std::int64_t width = gate->size(gate->dim() - 1);
    auto* to = static_cast<float*>(out->mutable_data_ptr());
    for_rows(context, width == 0 ? 0 : gate->numel() / width, width, [&](std::int64_t first, std::int64_t last) {
        const std::int64_t begin = first * width;
        (instruction_set().rows->*kernel)(floats(*gate) + begin, floats(*up) + begin, (last - first) * width,
                                          to + begin);
    });
}

bool fit_for_rotation(const Tensor& x, const Tensor& cos, const Tensor& sin, const Tensor& out) {
    if (out.dim() != 4 || cos.dim() != 2 || !same_sizes(cos, sin) || out.size(3) < 2 * cos.size(1)) return false;
    if (x.dim() == 4) return x.size(2) == out.size(2) && x.size(3) == out.size(3);
    return x.dim() == 3 && out.size(2) * out.size(3) == x.size(2);
}

}  // namespace

void rms_norm(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* x = arguments.tensor();
    const Tensor* weight = arguments.tensor();
    const auto eps = static_cast<float>(arguments.number());
    const Tensor* out = arguments.tensor();
    if (!arguments.ok() || !is_float(context, *x) || !is_float(context, *weight)) return;
    if (x->dim() == 0 || x->dim() != out->dim() || weight->dim() != 1 || weight->size(0) == 0 ||
        weight->size(0) != x->size(x->dim() - 1)) {
        refuse(context, Error::InvalidArgument, "rms_norm: the weight must be as long as a row");
        return;
    }
    if (!take_sizes(context, *x, 0, *out)) return;
    const std::int64_t width = weight->size(0);
    auto* to = static_cast<float*>(out->mutable_data_ptr());
    for_rows(context, x->numel() / width, width, [&](std::int64_t first, std::int64_t last) {
        const RowKernels& kernels = *instruction_set().rows;
        for (std::int64_t i = first * width; i < last * width; i += width) {
            kernels.rms_norm(floats(*x) + i, floats(*weight), eps, width, to + i);
        }
    });
}

void silu_mul(Context& context, Stack stack) { gated(context, stack, &RowKernels::silu_mul); }
void gelu_mul(Context& context, Stack stack) { gated(context, stack, &RowKernels::gelu_mul); }

void rotate(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* x = arguments.tensor();
    const Tensor* cos = arguments.tensor();
    const Tensor* sin = arguments.tensor();
    const std::int64_t start = arguments.integer();
    const Tensor* out = arguments.tensor();
    if (!arguments.ok() || !is_float(context, *x) || !is_float(context, *cos) || !is_float(context, *sin)) return;
    if (!fit_for_rotation(*x, *cos, *sin, *out)) {
        refuse(context, Error::InvalidArgument, "rotate: input, output and angles disagree in shape");
        return;
    }
    const std::int64_t tokens = x->size(1);
    if (start < 0 || tokens > cos->size(0) || start > cos->size(0) - tokens) {
        refuse(context, Error::InvalidArgument, "rotate: a position lies beyond the context");
        return;
    }
    if (!take_sizes(context, *x, 2, *out)) return;
    const std::int64_t half = cos->size(1);
    const std::int64_t dim = out->size(3);
    const std::int64_t width = out->size(2) * dim;
    auto* to = static_cast<float*>(out->mutable_data_ptr());
    for_rows(context, x->size(0) * tokens, width, [&](std::int64_t first, std::int64_t last) {
        const RowKernels& kernels = *instruction_set().rows;
        for (std::int64_t row = first; row < last; ++row) {
            const std::int64_t angles = (start + row % tokens) * half;
            for (std::int64_t i = row * width; i < (row + 1) * width; i += dim) {
                const float* head = floats(*x) + i;
                kernels.rotate(head, floats(*cos) + angles, floats(*sin) + angles, half, to + i);
                if (to != floats(*x)) std::copy(head + 2 * half, head + dim, to + i + 2 * half);
            }
        }
    });
}

void window_mask(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* x = arguments.tensor();
    const std::int64_t start = arguments.integer();
    const std::int64_t window = arguments.integer();
    const Tensor* out = arguments.tensor();
    if (!arguments.ok()) return;
    if (x->dim() < 2 || out->dim() != 2 || out->scalar_type() != ScalarType::Float || window <= 0) {
        refuse(context, Error::InvalidArgument, "window_mask: the mask must be float32 [tokens, slots]");
        return;
    }
    const std::int64_t tokens = x->size(1);
    const std::int64_t slots = out->size(1);
    if (start < 0 || tokens > slots || start > slots - tokens) {
        refuse(context, Error::InvalidArgument, "window_mask: a position lies beyond the context");
        return;
    }
    const Tensor::SizesType sizes[] = {static_cast<Tensor::SizesType>(tokens), static_cast<Tensor::SizesType>(slots)};
    if (executorch::runtime::resize_tensor(*out, {sizes, 2}) != Error::Ok ||
        (out->numel() > 0 && out->const_data_ptr() == nullptr)) {
        refuse(context, Error::InvalidArgument, "window_mask: the output cannot take the shape");
        return;
    }
    auto* to = static_cast<float*>(out->mutable_data_ptr());
    for_rows(context, tokens, slots, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row) {
            float* mask = to + row * slots;
            const std::int64_t end = start + row + 1;
            std::fill(mask, mask + slots, -std::numeric_limits<float>::infinity());
            std::fill(mask + std::max<std::int64_t>(0, end - window), mask + end, 0.0f);
        }
    });
}

}  // namespace wyvern::kernels
