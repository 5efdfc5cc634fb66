#include "operators.h"

#include <iterator>

namespace wyvern::kernels {

namespace {

using executorch::runtime::Kernel;

const Kernel kKernels[] = {
    // An older name of `gated_delta_rule`.
    Kernel("llama::channelwise_gated_delta_rule.out", gated_delta_rule),
    Kernel("llama::custom_quantized_sdpa.out", custom_quantized_sdpa),
    Kernel("llama::custom_sdpa.out", custom_sdpa),
    Kernel("llama::fallback.out", fallback),
    Kernel("llama::fast_hadamard_transform.out", fast_hadamard_transform),
    Kernel("llama::gated_delta_rule.out", gated_delta_rule),
    Kernel("llama::sdpa_with_kv_cache.out", sdpa_with_kv_cache),
    Kernel("llama::update_cache.out", update_cache),
    Kernel("llama::update_cache_with_indices.out", update_cache_with_indices),
    Kernel("wyvern::embedding.out", embedding),
    Kernel("wyvern::gelu_mul.out", gelu_mul),
    Kernel("wyvern::linear.out", linear),
    Kernel("wyvern::linear_2.out", linear_2),
    Kernel("wyvern::linear_3.out", linear_3),
    Kernel("wyvern::rms_norm.out", rms_norm),
    Kernel("wyvern::rotate.out", rotate),
    Kernel("wyvern::silu_mul.out", silu_mul),
    Kernel("wyvern::window_mask.out", window_mask),
};

[[maybe_unused]] const auto kRegistered = executorch::runtime::register_kernels(own_kernels());

}  // namespace

executorch::runtime::Span<const Kernel> own_kernels() { return {kKernels, std::size(kKernels)}; }

}  // namespace wyvern::kernels
