#include "linear_arguments.h"
#include "operators.h"

namespace wyvern::kernels {

namespace {

bool check_input(Context& context, const Tensor& x) {
    if (x.scalar_type() != ScalarType::Float || x.dim() == 0) {
        return refuse(context, Error::InvalidArgument, "linear: the input must be of float32");
    }
    return true;
}

/// Counts the dimensions before the last ones whose product is `width`. Returns the rank of x if there are none.
int leading_dimensions(const Tensor& x, std::int64_t width) {
    std::int64_t product = 1;
    for (int i = static_cast<int>(x.dim()) - 1; i >= 0; --i) {
        product *= x.size(i);
        if (product == width) return i;
        if (product > width) break;
    }
    return static_cast<int>(x.dim());
}

/// Resizes the tensor of one output and adds the output to the call.
bool add_output(Context& context, Linear& call, const Tensor& x, const Tensor& weight, std::int64_t type,
                const Tensor& out) {
    const auto shape = block_shape(type);
    const std::int64_t width = shape && weight.dim() == 3 ? weight.size(1) * shape->inputs : 0;
    const int leading = leading_dimensions(x, width);
    if (leading >= out.dim()) {
        return refuse(context, Error::InvalidArgument, "linear: input, weight and output disagree in shape");
    }
    std::int64_t rows = 1;
    for (int i = leading; i < out.dim(); ++i) rows *= out.size(i);
    CheckedWeight checked;
    if (!check_weight(context, weight, type, rows, checked)) return false;
    if (leading == x.dim() || (call.count > 0 && checked.width != call.width)) {
        return refuse(context, Error::InvalidArgument, "linear: the weight has another width than the input");
    }
    if (!take_sizes(context, x, static_cast<int>(out.dim()) - leading, out)) return false;
    call.input = static_cast<const float*>(x.const_data_ptr());
    call.width = checked.width;
    call.tokens = x.numel() / checked.width;
    call.outputs[call.count++] = {checked.weight, static_cast<float*>(out.mutable_data_ptr()), nullptr};
    return true;
}

void run(Context& context, const Linear& call) {
    if (!multiply(call)) refuse(context, Error::MemoryAllocationFailed, "linear: no memory for the rounded inputs");
}

template <int N>
void linear_many(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* x = arguments.tensor();
    const Tensor* weights[N];
    std::int64_t types[N];
    const Tensor* outs[N];
    for (int i = 0; i < N; ++i) {
        weights[i] = arguments.tensor();
        types[i] = arguments.integer();
    }
    const bool fine = arguments.boolean();
    for (const Tensor*& out : outs) out = arguments.tensor();
    if (!arguments.ok() || !check_input(context, *x)) return;
    Linear call;
    call.fine = fine;
    for (int i = 0; i < N; ++i) {
        if (!add_output(context, call, *x, *weights[i], types[i], *outs[i])) return;
    }
    run(context, call);
}

}  // namespace

void linear(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* x = arguments.tensor();
    const Tensor* weight = arguments.tensor();
    const std::int64_t type = arguments.integer();
    const Tensor* added = arguments.optional_tensor();
    const bool fine = arguments.boolean();
    const Tensor* out = arguments.tensor();
    if (!arguments.ok() || !check_input(context, *x)) return;
    Linear call;
    call.fine = fine;
    if (!add_output(context, call, *x, *weight, type, *out)) return;
    if (added != nullptr) {
        const std::int64_t rows = call.outputs[0].weight.rows;
        const bool is_row = added->dim() == 1 && added->size(0) == rows;
        if (added->scalar_type() != ScalarType::Float || !(is_row || same_sizes(*added, *out))) {
            refuse(context, Error::InvalidArgument, "linear: the addend has neither the output's shape nor a row's");
            return;
        }
        call.outputs[0].added = static_cast<const float*>(added->const_data_ptr());
        call.outputs[0].added_stride = is_row ? 0 : rows;
    }
    run(context, call);
}

void linear_2(Context& context, Stack stack) { linear_many<2>(context, stack); }
void linear_3(Context& context, Stack stack) { linear_many<3>(context, stack); }

void embedding(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* weight = arguments.tensor();
    const std::int64_t type = arguments.integer();
    const Tensor* tokens = arguments.tensor();
    const Tensor* out = arguments.tensor();
    if (!arguments.ok()) return;
    CheckedWeight checked;
    const std::int64_t rows = weight->dim() == 0 ? 0 : weight->size(0) * kGroupRows;
    if (!check_weight(context, *weight, type, rows, checked)) return;
    if (tokens->scalar_type() != ScalarType::Long || out->dim() != tokens->dim() + 1 ||
        out->size(out->dim() - 1) != checked.width) {
        refuse(context, Error::InvalidArgument, "embedding: tokens must be int64, the output [tokens, width]");
        return;
    }
    if (!take_sizes(context, *tokens, 1, *out)) return;
    const auto* ids = static_cast<const std::int64_t*>(tokens->const_data_ptr());
    for (std::int64_t i = 0; i < tokens->numel(); ++i) {
        if (ids[i] < 0 || ids[i] >= rows) {
            refuse(context, Error::InvalidArgument, "embedding: a token lies beyond the vocabulary");
            return;
        }
    }
    auto* to = static_cast<float*>(out->mutable_data_ptr());
    for (std::int64_t i = 0; i < tokens->numel(); ++i) {
        read_row(checked.weight, checked.width, ids[i], to + i * checked.width);
    }
}

}  // namespace wyvern::kernels
