#pragma once

#include <executorch/runtime/executor/method_meta.h>

#include <cstddef>
#include <string>
#include <vector>

#include "kv_layout.h"
#include "program.h"

namespace wyvern {

/// @throws Failure `program-unsupported`, with what of QNN's static llama export the program does not follow
[[noreturn]] void not_static_llama(const std::string& why);

/// What a method says of one of its arguments or results.
struct TensorShape {
    executorch::aten::ScalarType type;
    std::vector<size_t> sizes;
    size_t bytes;
    /// Its memory is the program's own.
    bool planned;
};

/// @throws Failure `program-unsupported` if it is no tensor, or has a size that no model has
TensorShape input_shape(const executorch::runtime::MethodMeta& meta, const std::string& method, size_t index);
/// As `input_shape`.
TensorShape output_shape(const executorch::runtime::MethodMeta& meta, const std::string& method, size_t index);

/// The methods of a program that decode one token and prefill several; empty where it has none.
struct StaticMethodNames {
    std::string decode;
    std::string prefill;
};

/// Upstream's names first. A program around a context binary of Qualcomm's own tools has its graphs' names: of those the one
/// that takes a single token decodes, and another prefills.
StaticMethodNames find_static_methods(Program& program);

/// One compiled method by its tensor metadata. What its arguments are: `QnnStaticModel`.
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

    /// Cache slots of its layout.
    size_t slots() const { return context - ar; }
};

/// Reads a method's shapes and checks that each is what the convention says.
/// @throws Failure `program-unsupported` with what is not
StaticMethod describe_static_method(Program& program, const std::string& name);

}  // namespace wyvern
