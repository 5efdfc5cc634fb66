#include "guarded_convolution.h"

#include <algorithm>

#include "arguments.h"

namespace wyvern::kernels {

namespace {

/// No model has a larger step, hole or margin. The bound keeps products below from overflowing.
constexpr std::int64_t kMost = std::int64_t{1} << 20;

using Numbers = executorch::aten::ArrayRef<std::int64_t>;

/// Whether a list has one number for each of `count` dimensions, or one for all, of at least `least`.
bool are_steps(Numbers numbers, ssize_t count, std::int64_t least) {
    return (numbers.size() == 1 || numbers.size() == static_cast<size_t>(count)) &&
           std::all_of(numbers.begin(), numbers.end(), [&](std::int64_t x) { return x >= least && x <= kMost; });
}

std::int64_t at(Numbers numbers, ssize_t index) {
    return numbers[numbers.size() == 1 ? 0 : static_cast<size_t>(index)];
}

bool channels_fit(const Tensor& input, const Tensor& weight, const Tensor* bias, std::int64_t groups) {
    if (groups < 1 || weight.size(0) < 1 || weight.size(0) % groups != 0 || input.size(1) % groups != 0) return false;
    if (weight.size(1) < 1 || weight.size(1) != input.size(1) / groups) return false;
    return bias == nullptr ||
           (bias->dim() == 1 && bias->size(0) == weight.size(0) && bias->scalar_type() == input.scalar_type());
}

}  // namespace

bool convolution_fits(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* input = arguments.tensor();
    const Tensor* weight = arguments.tensor();
    const Tensor* bias = arguments.optional_tensor();
    const Numbers stride = arguments.integers();
    const Numbers padding = arguments.integers();
    const Numbers dilation = arguments.integers();
    const bool transposed = arguments.boolean();
    arguments.integers();
    const std::int64_t groups = arguments.integer();
    const Tensor* out = arguments.tensor();
    // The result comes twice.
    arguments.tensor();
    if (!arguments.ok()) return false;
    const ssize_t spatial = input->dim() - 2;
    if (transposed || (spatial != 1 && spatial != 2) || weight->dim() != input->dim() || out->dim() != input->dim()) {
        return refuse(context, Error::InvalidArgument,
                      "convolution: the operands have another rank, or it is transposed");
    }
    if (!floating_element(input->scalar_type()) || weight->scalar_type() != input->scalar_type() ||
        out->scalar_type() != input->scalar_type()) {
        return refuse(context, Error::InvalidArgument, "convolution: needs one floating point dtype");
    }
    if (!channels_fit(*input, *weight, bias, groups)) {
        return refuse(context, Error::InvalidArgument,
                      "convolution: the channels do not fit the weight and the groups");
    }
    if (!are_steps(stride, spatial, 1) || !are_steps(dilation, spatial, 1) || !are_steps(padding, spatial, 0)) {
        return refuse(context, Error::InvalidArgument, "convolution: a stride, dilation or padding is out of range");
    }
    for (ssize_t i = 0; i < spatial; ++i) {
        const std::int64_t reach = at(dilation, i) * (weight->size(i + 2) - 1) + 1;
        if (weight->size(i + 2) < 1 || input->size(i + 2) + 2 * at(padding, i) < reach) {
            return refuse(context, Error::InvalidArgument, "convolution: the weight is longer than the input");
        }
    }
    return true;
}

}  // namespace wyvern::kernels
