#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "attention_kernels.h"
#include "vector_target.h"

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own _mm512_undefined_ps.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

WYVERN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")

#include "attention_body.h"
#include "vector_avx512.h"

namespace wyvern::kernels {

const AttentionKernels kAvx512Kernels = kernels_of<Avx512>();

}  // namespace wyvern::kernels

WYVERN_TARGET_END

#endif
