#pragma once

#include <executorch/runtime/core/evalue.h>
#include <executorch/runtime/core/exec_aten/exec_aten.h>
#include <executorch/runtime/core/span.h>
#include <executorch/runtime/kernel/kernel_runtime_context.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "element.h"

namespace wyvern::kernels {

using executorch::aten::ScalarType;
using executorch::aten::Tensor;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using executorch::runtime::KernelRuntimeContext;
using executorch::runtime::Span;

/// Reads the boxed arguments of one kernel call, in order.
///
/// Programs are hostile: the stack may hold fewer values than the schema, or other types. On a wrong tag the runtime's
/// own unboxing ends the process; this class fails the call instead. After the first mismatch every read returns a
/// harmless value, so an operator can read all arguments and test `ok` once.
class Arguments {
 public:
    Arguments(KernelRuntimeContext& context, Span<EValue*> stack) : context_(context), stack_(stack) {}

    /// Returns a tensor in the default (row-major) dimension order, or null if the argument is not one.
    const Tensor* tensor();
    /// Like `tensor`, but accepts None and returns null for it.
    const Tensor* optional_tensor();
    std::int64_t integer();
    /// A list of integers; it lives as long as the argument.
    executorch::aten::ArrayRef<std::int64_t> integers();
    bool boolean();
    /// A float of the schema; exporters also write it as an integer.
    double number();
    std::optional<double> optional_number();

    /// False after a read has failed. The context then holds the error.
    bool ok() const { return ok_; }

 private:
    const EValue* next();
    void mismatch();

    KernelRuntimeContext& context_;
    Span<EValue*> stack_;
    std::size_t index_ = 0;
    bool ok_ = true;
};

/// Fails the running kernel call and logs why. Always returns false, so that a check can say `return refuse(…)`.
bool refuse(KernelRuntimeContext& context, Error error, const char* reason);

/// Element type of a floating point dtype; nothing for other dtypes.
std::optional<Element> floating_element(ScalarType type);

/// True if both tensors have the same rank and sizes.
bool same_sizes(const Tensor& a, const Tensor& b);

}  // namespace wyvern::kernels
