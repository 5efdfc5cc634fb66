#include "attention_body.h"
#include "vector_portable.h"

namespace wyvern::kernels {

const AttentionKernels kPortableKernels = kernels_of<Portable>();

}  // namespace wyvern::kernels
