#pragma once

#include "../../kernels/attention.h"

namespace wyvern::kernels {

/// Attention as one would first write it: a loop for each index, float32 sums, one thread. What `npm run bench`
/// measures the real kernels against. Operands and result must be float32.
bool naive_attend(const Attention& attention);

}  // namespace wyvern::kernels
