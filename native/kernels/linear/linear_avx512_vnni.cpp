#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "../vector_target.h"
#include "linear_kernels.h"

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own _mm512_undefined_ps.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

WYVERN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")

#include "lanes_avx512_vnni.h"
#include "linear_body.h"

namespace wyvern::kernels {

const LinearKernels kAvx512VnniLinear = linear_kernels<Avx512VnniLanes>();

}  // namespace wyvern::kernels

WYVERN_TARGET_END

#endif
