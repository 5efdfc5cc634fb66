#if defined(__aarch64__) || defined(_M_ARM64)

#include <cmath>

#include "../vector_neon.h"
#include "rows_body.h"

namespace wyvern::kernels {

const RowKernels kNeonRows = RowLoops<Neon>::table();

}  // namespace wyvern::kernels

#endif
