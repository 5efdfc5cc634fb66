#if defined(__aarch64__) || (defined(_M_ARM64) && defined(__clang__))

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "../vector_target.h"
#include "linear_kernels.h"

WYVERN_TARGET_INT8_MATRIX

#include "lanes_int8_matrix.h"
#include "linear_body.h"

namespace wyvern::kernels {

const LinearKernels kInt8MatrixLinear = linear_kernels<Int8MatrixLanes>();

}  // namespace wyvern::kernels

WYVERN_TARGET_END

#endif
