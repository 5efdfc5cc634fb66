#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../model/qnn_interface.h"

namespace wyvern {

enum class ElementType { int32, uint8, uint16, float16, float32 };

size_t bytes_of(ElementType type);
const char* name_of(ElementType type);

/// Type of a tensor's elements. For uint8 and uint16 the value is scale * (element + offset).
struct Encoding {
    ElementType type = ElementType::float32;
    float scale = 1;
    int32_t offset = 0;

    bool operator==(const Encoding&) const = default;

    /// The element for a value, in the low bytes. It saturates; NaN becomes the least value.
    uint32_t encode(float value) const;
    float decode(uint32_t element) const;
};

/// Writes `count` values as elements of an encoding.
void encode(const Encoding& encoding, const float* values, size_t count, std::byte* elements);
/// Reads `count` elements.
void decode(const Encoding& encoding, const std::byte* elements, size_t count, float* values);

/// An input or output of a graph, from a context binary.
struct TensorInfo {
    std::string name;
    uint32_t id = 0;
    uint32_t data_type = 0;
    Encoding encoding;
    std::vector<size_t> sizes;

    size_t elements() const;
    size_t bytes() const { return elements() * bytes_of(encoding.type); }
};

/// Copies what QNN says of a tensor. Throws `program-unsupported` for types, layouts and encodings without a meaning
/// here, and `program-invalid` for sizes that no model has.
TensorInfo read_tensor(const qnn::Tensor& tensor, const std::string& graph);

/// E.g. `[4, 1, 8, 224]`.
std::string text_of(const std::vector<size_t>& sizes);

}  // namespace wyvern
