#include <cmath>

#include "../vector_portable.h"
#include "rows_body.h"

namespace wyvern::kernels {

const RowKernels kPortableRows = RowLoops<Portable>::table();

}  // namespace wyvern::kernels
