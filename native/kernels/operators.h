#pragma once

#include <executorch/runtime/core/evalue.h>
#include <executorch/runtime/core/span.h>
#include <executorch/runtime/kernel/kernel_runtime_context.h>
#include <executorch/runtime/kernel/operator_registry.h>

/// The operators of upstream's `llama` namespace, which exported language models call and the ExecuTorch SDK does not
/// ship. Written from their schemas (`executorch/extension/llm/custom_ops` in the Python package, release 1.5.0).
namespace wyvern::kernels {

using Stack = executorch::runtime::Span<executorch::runtime::EValue*>;
using Context = executorch::runtime::KernelRuntimeContext;

/// Every kernel of this folder, as registered with the runtime when the library is loaded.
executorch::runtime::Span<const executorch::runtime::Kernel> own_kernels();

/// `update_cache.out(Tensor value, Tensor(a!) cache, SymInt start_pos, *, Tensor(b!) out) -> Tensor(b!)`
///
/// Copies value `[batch, tokens, heads, dim]` over `cache[:, start_pos : start_pos + tokens]`; any dtype, the same in
/// both. `out` is a placeholder of one element that nothing reads, and is left alone.
/// Fails with InvalidArgument, and writes nothing, if the shapes differ or the tokens do not fit.
void update_cache(Context& context, Stack stack);

/// `update_cache_with_indices.out(Tensor value, Tensor(a!) cache, SymInt start_pos, Tensor indices, *, Tensor(b!) out)`
///
/// As `update_cache`, but token `t` of batch row `b` goes to slot `indices[b, t]` (int64 `[batch, tokens]`), the later
/// of equal slots winning; used by ring buffers. `start_pos` is not needed. All indices are checked before any write.
void update_cache_with_indices(Context& context, Stack stack);

/// `custom_sdpa.out(Tensor query, Tensor key, Tensor value, SymInt start_pos, Tensor? attn_mask=None, float
/// drpout_p=0.,
///  bool is_causal=False, float? scale=None, *, Tensor(a!) out) -> Tensor(a!)`
///
/// Attention of query `[batch, tokens, query heads, dim]` over key and value `[batch, slots, KV heads, dim]`, all of
/// one dtype: float32, float16 or bfloat16; sums are float32. The number of query heads is a multiple of the KV heads.
/// Without a mask, slots `0 … start_pos + tokens - 1` are seen, of which query token `t` sees those up to
/// `start_pos + t` if `is_causal`. With a mask `[tokens, slots]` (added to the scaled scores, −inf hides), all slots
/// are; `start_pos` and causality do not apply to it. A token that sees nothing gets zeros. `scale` defaults to 1/√dim.
void custom_sdpa(Context& context, Stack stack);

/// `sdpa_with_kv_cache.out(Tensor query, Tensor key, Tensor value, Tensor(a!) key_cache, Tensor(b!) value_cache,
///  SymInt start_pos, SymInt seq_len, Tensor? attn_mask=None, float drpout_p=0., bool is_causal=False,
///  float? scale=None, *, Tensor(c!) out) -> Tensor(c!)`
///
/// `update_cache` of both caches, then `custom_sdpa` over them.
void sdpa_with_kv_cache(Context& context, Stack stack);

/// `custom_quantized_sdpa.out(Tensor query, Tensor key, Tensor value, SymInt start_pos, Tensor? attn_mask=None,
///  float drpout_p=0., bool is_causal=False, float? scale=None, Tensor? q_zero_points=None, Tensor? q_scales=None,
///  Tensor? k_zero_points=None, Tensor? k_scales=None, Tensor? v_zero_points=None, Tensor? v_scales=None,
///  bool is_seq_at_dim_2=False, *, Tensor(a!) out) -> Tensor(a!)`
///
/// As `custom_sdpa` over int8 tensors, `real = (stored - zero point) * scale`, with one int8 zero point and one float32
/// scale for each token and head (their last dimension is 1). Layout `[batch, heads, tokens, dim]` if
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

}  // namespace wyvern::kernels
