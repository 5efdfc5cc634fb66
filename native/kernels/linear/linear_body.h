#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// lanes, so that no two of those files define the same function. Those files include the other headers before it.

#include "block_types.h"
#include "float_body.h"
#include "rounded_body.h"
#include "rounding_body.h"

namespace wyvern::kernels {

template <class L, class... B, class... W>
constexpr LinearKernels linear_kernels(BlockList<B...>, BlockList<W...>) {
    LinearKernels kernels{RoundLoops<L>::run, {}};
    ((kernels.of_type[static_cast<int>(B::kType)] = {RoundedLoops<L, B>::one, RoundedLoops<L, B>::many}), ...);
    ((kernels.of_type[static_cast<int>(W::kType)] = {FloatLoops<L, W>::one, FloatLoops<L, W>::many}), ...);
    return kernels;
}

/// Returns the kernels of all block types for lanes `L`.
template <class L>
constexpr LinearKernels linear_kernels() {
    return linear_kernels<L>(RoundedBlocks{}, FloatWeights{});
}

}  // namespace wyvern::kernels
