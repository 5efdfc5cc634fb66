#pragma once

#include <executorch/runtime/core/evalue.h>
#include <executorch/runtime/core/span.h>
#include <executorch/runtime/kernel/kernel_runtime_context.h>
#include <executorch/runtime/kernel/operator_registry.h>

/// Two namespaces of operators. `llama`: upstream's operators. Exported language models call them, but the ExecuTorch
/// SDK does not ship them. We wrote them from their schemas (`executorch/extension/llm/custom_ops` in the Python
/// package, release 1.5.0). `wyvern`: our own operators, for programs over GGUF's weight blocks. They give the same
/// bits on every processor.
namespace wyvern::kernels {

using Stack = executorch::runtime::Span<executorch::runtime::EValue*>;
using Context = executorch::runtime::KernelRuntimeContext;

/// Returns every kernel of this folder, as registered with the runtime when the library loads.
executorch::runtime::Span<const executorch::runtime::Kernel> own_kernels();

/// `update_cache.out(Tensor value, Tensor(a!) cache, SymInt start_pos, *, Tensor(b!) out) -> Tensor(b!)`
///
/// Copies value `[batch, tokens, heads, dim]` over `cache[:, start_pos : start_pos + tokens]`; both have one dtype,
/// which may be any. `out` is a placeholder of one element; the operator does not touch it. Fails with InvalidArgument
/// and writes nothing if the shapes differ or the tokens do not fit.
void update_cache(Context& context, Stack stack);

/// `update_cache_with_indices.out(Tensor value, Tensor(a!) cache, SymInt start_pos, Tensor indices, *, Tensor(b!) out)`
///
/// Like `update_cache`, but token `t` of batch row `b` goes to slot `indices[b, t]` (int64 `[batch, tokens]`). Of two
/// tokens for one slot, the later one wins. Ring buffers use it. It ignores `start_pos`, and checks all indices before
/// any write.
void update_cache_with_indices(Context& context, Stack stack);

/// `custom_sdpa.out(Tensor query, Tensor key, Tensor value, SymInt start_pos, Tensor? attn_mask=None, float
/// drpout_p=0.,
///  bool is_causal=False, float? scale=None, *, Tensor(a!) out) -> Tensor(a!)`
///
/// Attention of query `[batch, tokens, query heads, dim]` over key and value `[batch, slots, KV heads, dim]`, all of
/// one dtype: float32, float16 or bfloat16; sums are float32. The number of query heads is a multiple of the KV heads.
/// Without a mask, tokens see slots `0 … start_pos + tokens - 1`; if `is_causal`, query token `t` sees only those up to
/// `start_pos + t`. With a mask `[tokens, slots]` (added to the scaled scores, −inf hides), tokens see all slots, and
/// `start_pos` and `is_causal` do not apply. A token that sees no slot gets zeros. `scale` defaults to 1/√dim.
void custom_sdpa(Context& context, Stack stack);

/// `sdpa_with_kv_cache.out(Tensor query, Tensor key, Tensor value, Tensor(a!) key_cache, Tensor(b!) value_cache,
///  SymInt start_pos, SymInt seq_len, Tensor? attn_mask=None, float drpout_p=0., bool is_causal=False,
///  float? scale=None, *, Tensor(c!) out) -> Tensor(c!)`
///
/// Runs `update_cache` on both caches, then `custom_sdpa` over them.
void sdpa_with_kv_cache(Context& context, Stack stack);

/// `custom_quantized_sdpa.out(Tensor query, Tensor key, Tensor value, SymInt start_pos, Tensor? attn_mask=None,
///  float drpout_p=0., bool is_causal=False, float? scale=None, Tensor? q_zero_points=None, Tensor? q_scales=None,
///  Tensor? k_zero_points=None, Tensor? k_scales=None, Tensor? v_zero_points=None, Tensor? v_scales=None,
///  bool is_seq_at_dim_2=False, *, Tensor(a!) out) -> Tensor(a!)`
///
/// Like `custom_sdpa`, over int8 tensors: `real = (stored - zero point) * scale`, with one int8 zero point and one
/// float32 scale for each token and head (their last dimension is 1). Layout `[batch, heads, tokens, dim]` if
/// `is_seq_at_dim_2`. The result is float32.
void custom_quantized_sdpa(Context& context, Stack stack);

/// `fallback.out(Tensor input, *, Tensor(a!) output) -> Tensor(a!)`: a copy, of any dtype.
void fallback(Context& context, Stack stack);

/// `fast_hadamard_transform.out(Tensor mat, *, Tensor(a!) out) -> Tensor(a!)`
///
/// Multiplies each vector of the last dimension, of n = 2^k or 28 · 2^k elements (float32, float16 or bfloat16), by a
/// Hadamard matrix: Sylvester's, or the Kronecker product of Williamson's of order 28 with Sylvester's; divided by
/// √2^k.
void fast_hadamard_transform(Context& context, Stack stack);

/// `gated_delta_rule.out(Tensor query, Tensor key, Tensor value, Tensor decay, Tensor beta, Tensor initial_state, *,
///  Tensor(a!) out, Tensor(b!) final_state_out) -> (Tensor(a!), Tensor(b!))`
///
/// The recurrence of Qwen 3.5's linear attention. query is `[batch, query heads, tokens, keys]`, key `[batch, heads,
/// tokens, keys]`, value `[batch, heads, tokens, values]`, beta `[batch, heads, tokens]`, decay like beta or like key,
/// and the state `[batch, heads, keys, values]`; all are float32. The number of query heads is a multiple of the heads.
/// For each token and head, with the state S, key k, value v and query q:
///
///     S = decay · S;  S += k ⊗ (beta · (v − kᵀ S));  out = qᵀ S
///
/// A decay like key scales each row of S by itself.
void gated_delta_rule(Context& context, Stack stack);

/// `wyvern::linear.out(Tensor x, Tensor weight, int type, Tensor? added, bool fine, *, Tensor(a!) out) -> Tensor(a!)`
///
/// x `[…, width]` times the transposed weight, plus `added`: of the output's shape, or one row `[rows]` for all tokens.
/// `weight` is uint8 `[groups of 16 rows, blocks of a row, 16 · bytes of a block]`, in the order that linear/blocks.h
/// describes. `type` is the block's number in GGUF; fails with NotSupported for a number that linear/linear.h does not
/// list. All other tensors are float32. The width may be the product of several last dimensions of x, and the rows the
/// product of several last dimensions of `out`. Inputs are rounded to 8 bits, 32 at a time, or to 15 bits if `fine`.
/// Inputs of F32, F16 and BF16 weights are not rounded.
void linear(Context& context, Stack stack);

/// `wyvern::linear_2.out(Tensor x, Tensor weight_0, int type_0, Tensor weight_1, int type_1, bool fine, *,
///  Tensor(a!) out_0, Tensor(b!) out_1) -> (Tensor(a!), Tensor(b!))`: two weights that read one input.
void linear_2(Context& context, Stack stack);

/// `wyvern::linear_3.out`: three weights that read one input, like `linear_2`.
void linear_3(Context& context, Stack stack);

/// `wyvern::embedding.out(Tensor weight, int type, Tensor tokens, *, Tensor(a!) out) -> Tensor(a!)`
///
/// Reads rows of a weight (in `linear`'s format) as float32 `[…tokens' shape, width]`. `tokens` are int64. Fails with
/// InvalidArgument if one lies beyond the rows that the groups hold.
void embedding(Context& context, Stack stack);

/// `wyvern::rms_norm.out(Tensor x, Tensor weight, float eps, *, Tensor(a!) out) -> Tensor(a!)`
///
/// x / √(mean of x² + eps) · weight over the last dimension. float32.
void rms_norm(Context& context, Stack stack);

/// `wyvern::silu_mul.out(Tensor gate, Tensor up, *, Tensor(a!) out) -> Tensor(a!)`: gate · sigmoid(gate) · up. float32.
void silu_mul(Context& context, Stack stack);

/// `wyvern::gelu_mul.out(Tensor gate, Tensor up, *, Tensor(a!) out) -> Tensor(a!)`: gelu(gate) · up, with the
/// approximation by a hyperbolic tangent. float32.
void gelu_mul(Context& context, Stack stack);

/// `wyvern::rotate.out(Tensor x, Tensor cos, Tensor sin, SymInt start_pos, *, Tensor(a!) out) -> Tensor(a!)`
///
/// Rotates pairs `(x[i], x[half + i])`, for `i` below `half`, of each head of token `t` by the angles of position
/// `start_pos + t`, and copies the rest of the head. x is `[batch, tokens, heads · dim]` or `[batch, tokens, heads,
/// dim]`, `cos` and `sin` are `[context, half]`, out is `[batch, tokens, heads, dim]`; all are float32. Fails with
/// InvalidArgument if a position lies beyond the context.
void rotate(Context& context, Stack stack);

/// `wyvern::window_mask.out(Tensor x, SymInt start_pos, int window, *, Tensor(a!) out) -> Tensor(a!)`
///
/// A mask for `custom_sdpa`: token `t` of x `[batch, tokens, …]` sees the last `window` slots up to its own,
/// `start_pos + t`. out is float32 `[tokens, slots]`: 0 where a token sees, −inf elsewhere.
void window_mask(Context& context, Stack stack);

}  // namespace wyvern::kernels
