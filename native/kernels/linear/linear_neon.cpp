#if defined(__aarch64__) || defined(_M_ARM64)

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "../vector_target.h"
#include "lanes_neon.h"
#include "linear_body.h"
#include "linear_kernels.h"

namespace wyvern::kernels {

const LinearKernels kNeonLinear = linear_kernels<NeonLanes>();

}  // namespace wyvern::kernels

#endif
