#pragma once

#include "operators.h"

namespace wyvern::kernels {

/// Whether a call of `quantized_decomposed::embedding_byte`, `_2bit` or `_4bit`, in the overload `out` or `dtype_out`,
/// stays within its tensors; otherwise the call fails. Weight `[rows, columns]`, scales `[rows]` or `[rows, groups]`,
/// zero points as the scales or none, indices int64, out of one dimension more.
///
/// Upstream's kernels divide by the number of groups, take an address from each index, and write the sizes of the
/// result by the rank of the indices.
bool embedding_fits(Context& context, Stack stack);

}  // namespace wyvern::kernels
