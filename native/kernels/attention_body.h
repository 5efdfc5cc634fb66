#pragma once

// Included below the WYVERN_TARGET of one source file for each instruction set: everything here is a template over the
// vector type, so that no two of those files define the same function. Those files include the other headers before it.

#include "attention_decode.h"
#include "attention_prefill.h"

namespace wyvern::kernels {

/// Returns the table of `AttentionKernels` for vectors `V`.
template <class V>
constexpr AttentionKernels kernels_of() {
    using Prefill = AttentionPrefill<V>;
    using Decode = AttentionDecode<V>;
    return {V::kLanes * V::kTileVectors, Prefill::scratch_size, Prefill::run,
            Decode::scratch_size,        Decode::run,           Decode::join};
}

}  // namespace wyvern::kernels
