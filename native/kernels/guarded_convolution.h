#pragma once

#include "operators.h"

namespace wyvern::kernels {

/// Whether upstream's `aten::convolution.out` may run: it divides by the groups and strides, and assumes that the
/// weight fits the input. Otherwise fails the call.
///
/// `convolution.out(Tensor input, Tensor weight, Tensor? bias, SymInt[] stride, SymInt[] padding, SymInt[] dilation,
///  bool transposed, SymInt[] output_padding, SymInt groups, *, Tensor(a!) out) -> Tensor(a!)`: input `[batch,
///  channels, …]`
/// and weight `[outputs, channels / groups, …]` with one or two dimensions more, all of one floating point dtype. A
/// transposed convolution fails: no language model needs it.
bool convolution_fits(Context& context, Stack stack);

}  // namespace wyvern::kernels
