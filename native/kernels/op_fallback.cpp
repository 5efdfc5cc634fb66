#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include <cstring>

#include "arguments.h"
#include "operators.h"

namespace wyvern::kernels {

void fallback(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* input = arguments.tensor();
    const Tensor* output = arguments.tensor();
    if (!arguments.ok()) return;
    if (input->scalar_type() != output->scalar_type()) {
        refuse(context, Error::InvalidArgument, "fallback: input and output differ in dtype");
        return;
    }
    if (input->dim() != output->dim() || executorch::runtime::resize_tensor(*output, input->sizes()) != Error::Ok) {
        refuse(context, Error::InvalidArgument, "fallback: the output cannot take the input's shape");
        return;
    }
    // The planner may give both tensors the same memory, and the output may have no memory before the resize.
    if (input->nbytes() == 0 || input->const_data_ptr() == output->const_data_ptr()) return;
    if (output->mutable_data_ptr() == nullptr) {
        refuse(context, Error::InvalidArgument, "fallback: the output has no memory");
        return;
    }
    std::memmove(output->mutable_data_ptr(), input->const_data_ptr(), input->nbytes());
}

}  // namespace wyvern::kernels
