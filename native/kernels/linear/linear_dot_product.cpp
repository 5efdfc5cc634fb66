#if defined(__aarch64__) || (defined(_M_ARM64) && defined(__clang__))

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "../vector_target.h"
#include "linear_kernels.h"

WYVERN_TARGET_DOT_PRODUCT

#include "lanes_dot_product.h"
#include "linear_body.h"

namespace wyvern::kernels {

const LinearKernels kDotProductLinear = linear_kernels<DotProductLanes>();

}  // namespace wyvern::kernels

WYVERN_TARGET_END

#endif
