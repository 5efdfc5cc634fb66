#include <executorch/runtime/core/exec_aten/exec_aten.h>
#include <executorch/runtime/core/portable_type/tensor_impl.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>

#include "../../kernels/operators.h"
#include "cases.h"

namespace {

using executorch::aten::ScalarType;
using executorch::aten::Tensor;
using executorch::aten::TensorImpl;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using wyvern::kernels::Context;
using wyvern::kernels::Stack;

constexpr int kQueryHeads = 9;
constexpr int kKvHeads = 3;
constexpr int kDim = 64;
/// Slots of the cache.
constexpr int kSlots = 2048;

/// Arguments of one operator, with the memory of its tensors.
class Call {
 public:
    using Operator = void (*)(Context&, Stack);

    explicit Call(Operator function) : function_(function) {}

    template <typename Element>
    Call& tensor(ScalarType type, std::array<int, 4> sizes, Element (*fill)(int)) {
        auto& memory = memory_.emplace_back();
        auto& shape = shapes_.emplace_back();
        int count = 1;
        for (std::size_t i = 4; i-- > 0;) {
            shape.sizes[i] = sizes[i];
            shape.strides[i] = count;
            count *= sizes[i];
        }
        memory.resize(static_cast<std::size_t>(count) * sizeof(Element));
        auto* elements = reinterpret_cast<Element*>(memory.data());
        for (int i = 0; i < count; ++i) elements[i] = fill(i);
        impls_.emplace_back(type, 4, shape.sizes.data(), memory.data(), shape.order.data(), shape.strides.data());
        return value(EValue(Tensor(&impls_.back())));
    }

    Call& floats(std::array<int, 4> sizes) {
        return tensor<float>(ScalarType::Float, sizes, [](int i) { return std::sin(static_cast<float>(i)); });
    }
    Call& bytes(std::array<int, 4> sizes) {
        return tensor<std::int8_t>(ScalarType::Char, sizes, [](int i) { return static_cast<std::int8_t>(i * 37); });
    }
    Call& zero_points(std::array<int, 4> sizes) {
        return tensor<std::int8_t>(ScalarType::Char, sizes, [](int) { return std::int8_t{3}; });
    }
    Call& scales(std::array<int, 4> sizes) {
        return tensor<float>(ScalarType::Float, sizes, [](int) { return 0.01f; });
    }
    Call& value(EValue value) {
        values_.push_back(value);
        return *this;
    }

    void operator()() {
        std::vector<EValue*> pointers;
        for (EValue& value : values_) pointers.push_back(&value);
        Context context;
        function_(context, {pointers.data(), pointers.size()});
        if (context.failure_state() != Error::Ok) std::abort();
    }

 private:
    struct Shape {
        std::array<TensorImpl::SizesType, 4> sizes{};
        std::array<TensorImpl::StridesType, 4> strides{};
        std::array<TensorImpl::DimOrderType, 4> order{0, 1, 2, 3};
    };

    Operator function_;
    std::deque<std::vector<std::byte>> memory_;
    std::deque<Shape> shapes_;
    std::deque<TensorImpl> impls_;
    std::deque<EValue> values_;
};

std::function<void()> callable(std::shared_ptr<Call> call) {
    return [call = std::move(call)] { (*call)(); };
}

std::function<void()> attention(int tokens, int start) {
    auto call = std::make_shared<Call>(wyvern::kernels::custom_sdpa);
    call->floats({1, tokens, kQueryHeads, kDim})
        .floats({1, kSlots, kKvHeads, kDim})
        .floats({1, kSlots, kKvHeads, kDim})
        .value(EValue(static_cast<std::int64_t>(start)))
        .value(EValue())
        .value(EValue(0.0))
        .value(EValue(true))
        .value(EValue())
        .floats({1, tokens, kQueryHeads, kDim});
    return callable(std::move(call));
}

std::function<void()> quantised_attention(int tokens, int start) {
    auto call = std::make_shared<Call>(wyvern::kernels::custom_quantized_sdpa);
    call->bytes({1, tokens, kQueryHeads, kDim})
        .bytes({1, kSlots, kKvHeads, kDim})
        .bytes({1, kSlots, kKvHeads, kDim})
        .value(EValue(static_cast<std::int64_t>(start)))
        .value(EValue())
        .value(EValue(0.0))
        .value(EValue(true))
        .value(EValue());
    call->zero_points({1, tokens, kQueryHeads, 1}).scales({1, tokens, kQueryHeads, 1});
    for (int i = 0; i < 2; ++i) call->zero_points({1, kSlots, kKvHeads, 1}).scales({1, kSlots, kKvHeads, 1});
    call->value(EValue(false)).floats({1, tokens, kQueryHeads, kDim});
    return callable(std::move(call));
}

std::function<void()> update(int tokens) {
    auto call = std::make_shared<Call>(wyvern::kernels::update_cache);
    call->floats({1, tokens, kKvHeads, kDim})
        .floats({1, kSlots, kKvHeads, kDim})
        .value(EValue(std::int64_t{511}))
        .floats({1, 1, 1, 1});
    return callable(std::move(call));
}

}  // namespace

std::vector<Case> attention_cases() {
    return {
        {"attention-decode-512", 32, [] { return attention(1, 511); }},
        {"attention-prefill-128-after-384", 32, [] { return attention(128, 384); }},
        {"quantised-attention-decode-512", 32, [] { return quantised_attention(1, 511); }},
        {"cache-update-decode", 32, [] { return update(1); }},
        {"cache-update-prefill-128", 32, [] { return update(128); }},
    };
}
