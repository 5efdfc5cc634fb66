#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "attention_kernels.h"
#include "vector_target.h"

WYVERN_TARGET("avx2,fma,f16c")

#include "attention_body.h"
#include "vector_avx2.h"

namespace wyvern::kernels {

const AttentionKernels kAvx2Kernels = kernels_of<Avx2>();

}  // namespace wyvern::kernels

WYVERN_TARGET_END

#endif
