#pragma once

#include "../../kernels/attention.h"

namespace wyvern::kernels {

/// Plain attention: a loop for each index, float32 sums, one thread. `npm run bench` compares the real kernels with it.
/// Operands and result must be float32.
bool naive_attend(const Attention& attention);

}  // namespace wyvern::kernels
