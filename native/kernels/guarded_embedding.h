#pragma once

#include "operators.h"

namespace wyvern::kernels {

/// Checks that a call of `quantized_decomposed::embedding_byte`, `_2bit` or `_4bit`, in the overload `out` or
/// `dtype_out`, stays within its tensors. Fails the call and returns false if not. Weight `[rows, columns]`, scales
/// `[rows]` or `[rows, groups]`, zero points in the scales' shape or absent, indices int64, `out` with one dimension
/// more.
///
/// Upstream's kernels check none of these: they divide by the number of groups, compute an address from each index, and
/// write the result's sizes by the rank of the indices.
bool embedding_fits(Context& context, Stack stack);

}  // namespace wyvern::kernels
