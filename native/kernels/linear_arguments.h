#pragma once

#include "arguments.h"
#include "linear/linear.h"

namespace wyvern::kernels {

/// A weight tensor and its type number, after the check. A row has `width` inputs, and there are at least `rows` rows.
struct CheckedWeight {
    LinearWeight weight;
    std::int64_t width = 0;
};

/// Returns false and fails the call if the tensor does not have the layout of operators.h. `rows` may be fewer than the
/// groups hold.
bool check_weight(KernelRuntimeContext& context, const Tensor& tensor, std::int64_t type, std::int64_t rows,
                  CheckedWeight& to);

/// Gives `out` the sizes of `like`, except the last `replaced` sizes, which `out` keeps. Returns false and fails the
/// call if that is impossible or one of the two is not float32.
bool take_sizes(KernelRuntimeContext& context, const Tensor& like, int replaced, const Tensor& out);

}  // namespace wyvern::kernels
