#pragma once

#include "block_iq4.h"
#include "block_q2_k.h"
#include "block_q3_k.h"
#include "block_q4_k_q5_k.h"
#include "block_q4_q5.h"
#include "block_q6_k.h"
#include "block_q8_0.h"
#include "float_weights.h"

namespace wyvern::kernels {

template <class... B>
struct BlockList {};

/// Every type whose inputs are rounded.
using RoundedBlocks = BlockList<BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0, BlockQ2_K, BlockQ3_K, BlockQ4_K,
                                BlockQ5_K, BlockQ6_K, BlockIQ4_NL, BlockIQ4_XS>;
/// Every type whose inputs stay floats.
using FloatWeights = BlockList<WeightsF32, WeightsF16, WeightsBF16>;

}  // namespace wyvern::kernels
