#pragma once

#include <executorch/runtime/executor/method_meta.h>

#include <cstddef>
#include <string>
#include <vector>

#include "kv_layout.h"
#include "program.h"

namespace wyvern {

/// Throws `program-unsupported`, with the difference from QNN's static llama export.
[[noreturn]] void not_static_llama(const std::string& why);

/// Metadata of one argument or result of a method.
struct TensorShape {
    executorch::aten::ScalarType type;
    std::vector<size_t> sizes;
    size_t bytes;
    /// The program owns its memory.
    bool planned;
};

/// Throws `program-unsupported` if the argument is not a tensor, or if no model has its size.
TensorShape input_shape(const executorch::runtime::MethodMeta& meta, const std::string& method, size_t index);
/// Like `input_shape`, for outputs.
TensorShape output_shape(const executorch::runtime::MethodMeta& meta, const std::string& method, size_t index);

/// A program's methods for decode and prefill; empty if missing.
struct StaticMethodNames {
    std::string decode;
    std::string prefill;
};

/// Prefers upstream's names. A program around a context binary of Qualcomm's own tools has the graphs' names: the
/// method for one token decodes, another one prefills.
StaticMethodNames find_static_methods(Program& program);

/// One compiled method, by its tensor metadata. `QnnStaticModel` documents the arguments.
struct StaticMethod {
    std::string name;
    /// Tokens of one call, A.
    size_t ar = 0;
    /// C.
    size_t context = 0;
    size_t layers = 0;
    size_t vocabulary = 0;
    bool window = false;
    bool wide_tokens = false;
    bool cached = true;
    MaskType mask_type = MaskType::kUint16;
    executorch::aten::ScalarType logits_type{};
    std::vector<CacheShape> keys;
    std::vector<CacheShape> values;

    /// Cache slots of the method's layout.
    size_t slots() const { return context - ar; }
};

/// Reads a method's shapes and checks them against the convention.
/// Throws `program-unsupported` with the difference.
StaticMethod describe_static_method(Program& program, const std::string& name);

}  // namespace wyvern
