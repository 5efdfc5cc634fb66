#include "arguments.h"

#include <executorch/runtime/platform/log.h>

namespace wyvern::kernels {

namespace {

/// Kernels compute addresses from sizes only, which needs row-major tensors with memory.
bool is_row_major(const Tensor& tensor) {
    const auto order = tensor.dim_order();
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i] != i) return false;
    }
    return tensor.numel() == 0 || tensor.const_data_ptr() != nullptr;
}

}  // namespace

const EValue* Arguments::next() {
    if (!ok_) return nullptr;
    if (index_ >= stack_.size() || stack_[index_] == nullptr) {
        ok_ = refuse(context_, Error::InvalidProgram, "the program passes fewer arguments than the operator has");
        return nullptr;
    }
    return stack_[index_++];
}

void Arguments::mismatch() {
    ok_ = refuse(context_, Error::InvalidType, "an argument has another type than the operator's schema says");
}

const Tensor* Arguments::tensor() {
    const EValue* value = next();
    if (value == nullptr) return nullptr;
    if (!value->isTensor()) {
        mismatch();
        return nullptr;
    }
    const Tensor& tensor = value->payload.as_tensor;
    if (!is_row_major(tensor)) {
        ok_ = refuse(context_, Error::InvalidArgument, "a tensor is not in row-major order or has no memory");
        return nullptr;
    }
    return &tensor;
}

const Tensor* Arguments::optional_tensor() {
    if (ok_ && index_ < stack_.size() && stack_[index_] != nullptr && stack_[index_]->isNone()) {
        ++index_;
        return nullptr;
    }
    return tensor();
}

std::int64_t Arguments::integer() {
    const EValue* value = next();
    if (value == nullptr) return 0;
    if (value->isInt()) return value->payload.copyable_union.as_int;
    mismatch();
    return 0;
}

executorch::aten::ArrayRef<std::int64_t> Arguments::integers() {
    const EValue* value = next();
    if (value == nullptr) return {};
    if (value->isIntList()) return value->toIntList();
    mismatch();
    return {};
}

bool Arguments::boolean() {
    const EValue* value = next();
    if (value == nullptr) return false;
    if (value->isBool()) return value->payload.copyable_union.as_bool;
    mismatch();
    return false;
}

double Arguments::number() {
    const EValue* value = next();
    if (value == nullptr) return 0;
    if (value->isDouble()) return value->payload.copyable_union.as_double;
    if (value->isInt()) return static_cast<double>(value->payload.copyable_union.as_int);
    mismatch();
    return 0;
}

std::optional<double> Arguments::optional_number() {
    if (ok_ && index_ < stack_.size() && stack_[index_] != nullptr && stack_[index_]->isNone()) {
        ++index_;
        return std::nullopt;
    }
    return number();
}

bool refuse(KernelRuntimeContext& context, Error error, const char* reason) {
    ET_LOG(Error, "kernel refused: %s", reason);
    context.fail(error);
    return false;
}

std::optional<Element> floating_element(ScalarType type) {
    switch (type) {
        case ScalarType::Float:
            return Element::float32;
        case ScalarType::Half:
            return Element::float16;
        case ScalarType::BFloat16:
            return Element::bfloat16;
        default:
            return std::nullopt;
    }
}

bool same_sizes(const Tensor& a, const Tensor& b) {
    if (a.dim() != b.dim()) return false;
    for (int i = 0; i < a.dim(); ++i) {
        if (a.size(i) != b.size(i)) return false;
    }
    return true;
}

}  // namespace wyvern::kernels
