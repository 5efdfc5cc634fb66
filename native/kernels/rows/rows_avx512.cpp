#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include <cmath>
#include <cstdint>

#include "../vector_target.h"
#include "row_kernels.h"

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own _mm512_undefined_ps.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

WYVERN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")

#include "../vector_avx512.h"
#include "rows_body.h"

namespace wyvern::kernels {

const RowKernels kAvx512Rows = RowLoops<Avx512>::table();

}  // namespace wyvern::kernels

WYVERN_TARGET_END

#endif
