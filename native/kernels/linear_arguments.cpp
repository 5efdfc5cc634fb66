#include "linear_arguments.h"

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include <array>

namespace wyvern::kernels {

bool check_weight(KernelRuntimeContext& context, const Tensor& tensor, std::int64_t type, std::int64_t rows,
                  CheckedWeight& to) {
    const auto shape = block_shape(type);
    if (!shape) return refuse(context, Error::NotSupported, "linear: no kernel for weights of this block type");
    if (tensor.scalar_type() != ScalarType::Byte || tensor.dim() != 3 || tensor.size(2) != kGroupRows * shape->bytes ||
        tensor.size(1) == 0) {
        return refuse(context, Error::InvalidArgument, "linear: a weight is not [groups, blocks, bytes of 16 blocks]");
    }
    to.weight.type = static_cast<BlockType>(type);
    to.weight.data = static_cast<const std::uint8_t*>(tensor.const_data_ptr());
    to.weight.rows = rows;
    to.width = tensor.size(1) * shape->inputs;
    if (rows < 0 || to.weight.groups() != tensor.size(0)) {
        return refuse(context, Error::InvalidArgument, "linear: the weight has another number of rows than the output");
    }
    return true;
}

bool take_sizes(KernelRuntimeContext& context, const Tensor& like, int replaced, const Tensor& out) {
    constexpr int kMostDimensions = 8;
    const int dimensions = static_cast<int>(out.dim());
    if (out.scalar_type() != ScalarType::Float) {
        return refuse(context, Error::InvalidArgument, "the output must be of float32");
    }
    if (dimensions > kMostDimensions || dimensions < replaced || like.dim() < dimensions - replaced) {
        return refuse(context, Error::InvalidArgument, "the output has another number of dimensions");
    }
    std::array<Tensor::SizesType, kMostDimensions> sizes{};
    for (int i = 0; i < dimensions; ++i) {
        sizes[static_cast<std::size_t>(i)] =
            static_cast<Tensor::SizesType>(i < dimensions - replaced ? like.size(i) : out.size(i));
    }
    if (executorch::runtime::resize_tensor(out, {sizes.data(), static_cast<std::size_t>(dimensions)}) != Error::Ok) {
        return refuse(context, Error::InvalidArgument, "the output cannot take the input's shape");
    }
    return out.numel() == 0 || out.const_data_ptr() != nullptr ||
           refuse(context, Error::InvalidArgument, "the output has no memory");
}

}  // namespace wyvern::kernels
