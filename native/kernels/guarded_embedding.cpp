#include "guarded_embedding.h"

#include "arguments.h"

namespace wyvern::kernels {

namespace {

/// Arguments of the overload `out`; `dtype_out` has the element type before its result.
constexpr std::size_t kDtypeArguments = 8;

bool scales_fit(const Tensor& weight, const Tensor& scales, const Tensor* zero_points) {
    if (weight.dim() != 2 || scales.dim() < 1 || scales.dim() > 2 || scales.size(0) != weight.size(0)) return false;
    if (scales.dim() == 2 && scales.size(1) < 1) return false;
    return zero_points == nullptr ||
           (same_sizes(*zero_points, scales) && zero_points->scalar_type() == scales.scalar_type());
}

bool indices_fit(const Tensor& indices, std::int64_t rows) {
    const auto* values = indices.const_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < indices.numel(); ++i) {
        if (values[i] < 0 || values[i] >= rows) return false;
    }
    return true;
}

}  // namespace

bool embedding_fits(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* weight = arguments.tensor();
    const Tensor* scales = arguments.tensor();
    const Tensor* zero_points = arguments.optional_tensor();
    arguments.integer();
    arguments.integer();
    const Tensor* indices = arguments.tensor();
    if (stack.size() > kDtypeArguments) arguments.optional_number();
    const Tensor* out = arguments.tensor();
    if (!arguments.ok()) return false;
    if (!scales_fit(*weight, *scales, zero_points)) {
        return refuse(context, Error::InvalidArgument, "embedding: the scales or zero points do not fit the weight");
    }
    if (indices->scalar_type() != ScalarType::Long || out->dim() != indices->dim() + 1) {
        return refuse(context, Error::InvalidArgument, "embedding: the indices do not fit the result");
    }
    if (!indices_fit(*indices, weight->size(0))) {
        return refuse(context, Error::InvalidArgument, "embedding: an index lies outside the weight");
    }
    return true;
}

}  // namespace wyvern::kernels
