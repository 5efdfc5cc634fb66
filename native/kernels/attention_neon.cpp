#if defined(__aarch64__) || defined(_M_ARM64)

#include "attention_body.h"
#include "vector_neon.h"

namespace wyvern::kernels {

const AttentionKernels kNeonKernels = kernels_of<Neon>();

}  // namespace wyvern::kernels

#endif
