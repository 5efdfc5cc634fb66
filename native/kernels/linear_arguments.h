#pragma once

#include "arguments.h"
#include "linear/linear.h"

namespace wyvern::kernels {

/// A weight tensor and its type number, checked: `width` is the number of inputs of a row, and `rows` of its rows
/// exist.
struct CheckedWeight {
    LinearWeight weight;
    std::int64_t width = 0;
};

/// False, and the call fails, if the tensor is not laid out as the operators say (see operators.h). `rows` may be fewer
/// than the groups hold.
bool check_weight(KernelRuntimeContext& context, const Tensor& tensor, std::int64_t type, std::int64_t rows,
                  CheckedWeight& to);

/// Gives `out` the sizes of `like`, but for `replaced` trailing ones, which are those of `out` itself; false, and the
/// call fails, if that cannot be or one of the two is not float32.
bool take_sizes(KernelRuntimeContext& context, const Tensor& like, int replaced, const Tensor& out);

}  // namespace wyvern::kernels
