#include "guarded.h"

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>
#include <executorch/runtime/kernel/operator_registry.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "arguments.h"
#include "guarded_convolution.h"
#include "guarded_embedding.h"
#include "operators.h"

namespace wyvern::kernels {

namespace {

using executorch::runtime::Kernel;
using executorch::runtime::OpFunction;

/// The runtime's own value.
constexpr ssize_t kMostDimensions = 16;

OpFunction per_token = nullptr;
OpFunction per_tensor = nullptr;
OpFunction convolution = nullptr;

constexpr std::array kEmbeddings = {
    "quantized_decomposed::embedding_2bit.dtype_out", "quantized_decomposed::embedding_2bit.out",
    "quantized_decomposed::embedding_4bit.dtype_out", "quantized_decomposed::embedding_4bit.out",
    "quantized_decomposed::embedding_byte.dtype_out", "quantized_decomposed::embedding_byte.out",
};
std::array<OpFunction, kEmbeddings.size()> embeddings{};

/// It does not compare with NaN: a build that assumes finite numbers would drop the test.
bool is_finite(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7f800000u) != 0x7f800000u;
}

bool all_finite(const Tensor& tensor) {
    const float* values = tensor.const_data_ptr<float>();
    bool finite = true;
    for (std::int64_t i = 0; i < tensor.numel(); ++i) finite &= is_finite(values[i]);
    return finite;
}

/// The last two arguments of both operators.
bool are_parameters(const Tensor& scale, const Tensor& zero_point) {
    return scale.scalar_type() == ScalarType::Double && zero_point.scalar_type() == ScalarType::Long;
}

/// Resizes `out` to the input's sizes, with 1 as the last. Returns false if that is not possible.
bool takes_one_a_token(const Tensor& input, const Tensor& out) {
    if (input.dim() == 0 || input.numel() == 0 || input.dim() > kMostDimensions) return false;
    std::array<executorch::aten::SizesType, kMostDimensions> sizes{};
    std::copy(input.sizes().begin(), input.sizes().end(), sizes.begin());
    const auto rank = static_cast<std::size_t>(input.dim());
    sizes[rank - 1] = 1;
    return out.dim() == input.dim() && executorch::runtime::resize_tensor(out, {sizes.data(), rank}) == Error::Ok;
}

bool can_be_quantised(Context& context, const Tensor& input, const Tensor& scale, const Tensor& zero_point) {
    if (input.scalar_type() != ScalarType::Float || !are_parameters(scale, zero_point)) {
        return refuse(context, Error::InvalidArgument, "choose_qparams: takes float32, gives float64 and int64");
    }
    if (!all_finite(input)) {
        return refuse(context, Error::InvalidArgument,
                      "choose_qparams: a value to be quantised is infinite or no number; the weights may be damaged");
    }
    return true;
}

/// `choose_qparams_per_token_asymmetric.out(Tensor input, ScalarType dtype, *, Tensor(a!) scale_out,
///  Tensor(b!) zero_point_out) -> (Tensor(a!), Tensor(b!))`: input float32 `[…, n]`, the parameters `[…, 1]`.
void guarded_per_token(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* input = arguments.tensor();
    arguments.integer();
    const Tensor* scale = arguments.tensor();
    const Tensor* zero_point = arguments.tensor();
    if (!arguments.ok() || !can_be_quantised(context, *input, *scale, *zero_point)) return;
    if (!takes_one_a_token(*input, *scale) || !takes_one_a_token(*input, *zero_point)) {
        refuse(context, Error::InvalidArgument,
               "choose_qparams_per_token_asymmetric: the outputs do not fit the input");
        return;
    }
    per_token(context, stack);
}

/// `choose_qparams.Tensor_out(Tensor input, int quant_min, int quant_max, float eps, ScalarType dtype, *,
///  Tensor(a!) scale_out, Tensor(b!) zero_point_out) -> (Tensor(a!), Tensor(b!))`: the parameters have one element.
void guarded_per_tensor(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* input = arguments.tensor();
    const std::int64_t least = arguments.integer();
    const std::int64_t most = arguments.integer();
    arguments.number();
    arguments.integer();
    const Tensor* scale = arguments.tensor();
    const Tensor* zero_point = arguments.tensor();
    if (!arguments.ok() || !can_be_quantised(context, *input, *scale, *zero_point)) return;
    if (input->numel() == 0 || scale->numel() != 1 || zero_point->numel() != 1 || least >= most) {
        refuse(context, Error::InvalidArgument, "choose_qparams: the outputs or the range do not fit the input");
        return;
    }
    per_tensor(context, stack);
}

void guarded_convolution(Context& context, Stack stack) {
    if (convolution_fits(context, stack)) convolution(context, stack);
}

/// Makes one function for each of `kEmbeddings`, because the registry does not pass a function its name.
template <std::size_t index>
void guarded_embedding(Context& context, Stack stack) {
    if (embedding_fits(context, stack)) embeddings[index](context, stack);
}

void replace(const Kernel& entry, OpFunction guard, OpFunction& original) {
    if (entry.op_ == guard) return;
    original = entry.op_;
    // This is the registry's own memory; the registry only returns a read-only view.
    const_cast<Kernel&>(entry).op_ = guard;
}

template <std::size_t... index>
void guard_embeddings(const Kernel& entry, std::index_sequence<index...>) {
    ((std::strcmp(entry.name_, kEmbeddings[index]) == 0 ? replace(entry, guarded_embedding<index>, embeddings[index])
                                                        : void()),
     ...);
}

}  // namespace

void guard_kernels() {
    for (const Kernel& entry : executorch::runtime::get_registered_kernels()) {
        if (std::strcmp(entry.name_, "quantized_decomposed::choose_qparams_per_token_asymmetric.out") == 0) {
            replace(entry, guarded_per_token, per_token);
        } else if (std::strcmp(entry.name_, "quantized_decomposed::choose_qparams.Tensor_out") == 0) {
            replace(entry, guarded_per_tensor, per_tensor);
        } else if (std::strcmp(entry.name_, "aten::convolution.out") == 0) {
            replace(entry, guarded_convolution, convolution);
        }
        guard_embeddings(entry, std::make_index_sequence<kEmbeddings.size()>{});
    }
}

}  // namespace wyvern::kernels
