#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "../vector_target.h"
#include "linear_kernels.h"

WYVERN_TARGET("avxvnni,avx2,fma,f16c")

#include "lanes_avx_vnni.h"
#include "linear_body.h"

namespace wyvern::kernels {

const LinearKernels kAvxVnniLinear = linear_kernels<AvxVnniLanes>();

}  // namespace wyvern::kernels

WYVERN_TARGET_END

#endif
