#pragma once

namespace wyvern::kernels {

/// Makes upstream's `quantized_decomposed::choose_qparams_per_token_asymmetric.out` and `choose_qparams.Tensor_out`
/// fail the call where they would end the process: a value that is no finite number has no quantisation step, and their
/// assertion of a step above zero aborts. A program reaches that with damaged weights, or with activations that
/// overflow, wherever it quantises at run time: a quantised KV cache does for every token.
///
/// Its quantised embeddings fail the call where they would leave their tensors: see `embedding_fits`.
///
/// The registered kernels stay and are called once the arguments are known to be what they assert; their entries in the
/// runtime's registry are replaced, which it has no call for. May be called again. Call it before any program is
/// loaded.
void guard_quantisation();

}  // namespace wyvern::kernels
