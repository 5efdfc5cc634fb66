#pragma once

namespace wyvern::kernels {

/// Makes upstream's `quantized_decomposed::choose_qparams_per_token_asymmetric.out` and `choose_qparams.Tensor_out`
/// fail the call where they would end the process. A value that is not finite has no quantisation step, so their
/// assertion of a step above zero aborts. Damaged weights or overflowing activations cause this wherever a program
/// quantises at run time. A quantised KV cache does so for every token.
///
/// Upstream's quantised embeddings and convolution also fail the call where they would leave their tensors: see
/// `embedding_fits` and `convolution_fits`.
///
/// The registered kernels still do the work, after the guard has checked the arguments that they assert. The runtime
/// has no call that replaces a kernel, so this changes the entries of its registry. You may call it more than once.
/// Call it before you load a program.
void guard_kernels();

}  // namespace wyvern::kernels
