#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include <cmath>
#include <cstdint>

#include "../vector_target.h"
#include "row_kernels.h"

WYVERN_TARGET("avx2,fma,f16c")

#include "../vector_avx2.h"
#include "rows_body.h"

namespace wyvern::kernels {

const RowKernels kAvx2Rows = RowLoops<Avx2>::table();

}  // namespace wyvern::kernels

WYVERN_TARGET_END

#endif
