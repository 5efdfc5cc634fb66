#include "tensor_info.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "../failure.h"

namespace wyvern {

namespace {

/// No model has more. Larger figures come from damaged files and would waste memory.
constexpr size_t longest_side = size_t{1} << 24;
constexpr size_t most_elements = size_t{1} << 34;
constexpr uint32_t highest_rank = 8;
constexpr size_t longest_name = 512;

/// Rounds to the nearest even, as the hardware does; values beyond the range become infinite.
uint16_t half_of(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude >= 0x7f800000u) {
        return static_cast<uint16_t>(sign | (magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u));
    }
    if (magnitude >= 0x477ff000u) {
        return static_cast<uint16_t>(sign | 0x7c00u);
    }
    if (magnitude < 0x38800000u) {
        // Subnormal: adding 0.5 rounds at the place of the last bit.
        const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
        return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
    }
    const uint32_t odd = (magnitude >> 13) & 1u;
    return static_cast<uint16_t>(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
}

float float_of(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
    const uint32_t magnitude = half & 0x7fffu;
    if (magnitude >= 0x7c00u) {
        return std::bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13));
    }
    if (magnitude < 0x400u) {
        const float value = static_cast<float>(magnitude) * 0x1p-24f;
        return sign != 0 ? -value : value;
    }
    return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000u));
}

uint32_t quantise(const Encoding& encoding, float value, uint32_t most) {
    const float element = std::nearbyint(value / encoding.scale) - static_cast<float>(encoding.offset);
    // A comparison with NaN is false.
    if (!(element > 0)) {
        return 0;
    }
    return element >= static_cast<float>(most) ? most : static_cast<uint32_t>(element);
}

ElementType type_of(uint32_t data_type, const std::string& what) {
    switch (data_type) {
        case qnn::kInt32:
            return ElementType::int32;
        case qnn::kUFixed8:
            return ElementType::uint8;
        case qnn::kUFixed16:
            return ElementType::uint16;
        case qnn::kFloat16:
            return ElementType::float16;
        case qnn::kFloat32:
            return ElementType::float32;
        default:
            throw Failure(FailureCode::program_unsupported,
                          what + " has QNN's data type " + std::to_string(data_type) + ", which Wyvern does not know.");
    }
}

}  // namespace

size_t bytes_of(ElementType type) {
    switch (type) {
        case ElementType::uint8:
            return 1;
        case ElementType::uint16:
        case ElementType::float16:
            return 2;
        case ElementType::int32:
        case ElementType::float32:
            break;
    }
    return 4;
}

const char* name_of(ElementType type) {
    switch (type) {
        case ElementType::int32:
            return "int32";
        case ElementType::uint8:
            return "uint8";
        case ElementType::uint16:
            return "uint16";
        case ElementType::float16:
            return "float16";
        case ElementType::float32:
            break;
    }
    return "float32";
}

uint32_t Encoding::encode(float value) const {
    switch (type) {
        case ElementType::uint8:
            return quantise(*this, value, 0xff);
        case ElementType::uint16:
            return quantise(*this, value, 0xffff);
        case ElementType::float16:
            return half_of(value);
        case ElementType::float32:
            return std::bit_cast<uint32_t>(value);
        case ElementType::int32:
            break;
    }
    return static_cast<uint32_t>(static_cast<int32_t>(value));
}

float Encoding::decode(uint32_t element) const {
    switch (type) {
        case ElementType::uint8:
        case ElementType::uint16:
            return scale * static_cast<float>(static_cast<int64_t>(element) + offset);
        case ElementType::float16:
            return float_of(static_cast<uint16_t>(element));
        case ElementType::float32:
            return std::bit_cast<float>(element);
        case ElementType::int32:
            break;
    }
    return static_cast<float>(static_cast<int32_t>(element));
}

void encode(const Encoding& encoding, const float* values, size_t count, std::byte* elements) {
    const size_t size = bytes_of(encoding.type);
    for (size_t i = 0; i < count; ++i) {
        const uint32_t element = encoding.encode(values[i]);
        if (size == 1) {
            elements[i] = static_cast<std::byte>(element);
        } else if (size == 2) {
            const auto narrow = static_cast<uint16_t>(element);
            std::memcpy(elements + i * 2, &narrow, 2);
        } else {
            std::memcpy(elements + i * 4, &element, 4);
        }
    }
}

void decode(const Encoding& encoding, const std::byte* elements, size_t count, float* values) {
    const size_t size = bytes_of(encoding.type);
    for (size_t i = 0; i < count; ++i) {
        uint32_t element = 0;
        if (size == 1) {
            element = static_cast<uint32_t>(elements[i]);
        } else if (size == 2) {
            uint16_t narrow = 0;
            std::memcpy(&narrow, elements + i * 2, 2);
            element = narrow;
        } else {
            std::memcpy(&element, elements + i * 4, 4);
        }
        values[i] = encoding.decode(element);
    }
}

size_t TensorInfo::elements() const {
    size_t product = 1;
    for (const size_t size : sizes) {
        product *= size;
    }
    return product;
}

TensorInfo read_tensor(const qnn::Tensor& tensor, const std::string& graph) {
    TensorInfo info;
    if (tensor.name == nullptr || tensor.dimensions == nullptr || tensor.rank == 0 || tensor.rank > highest_rank) {
        throw Failure(FailureCode::program_invalid, "Graph `" + graph + "` has a tensor without name or shape.");
    }
    info.name.assign(tensor.name, strnlen(tensor.name, longest_name));
    const std::string what = "`" + info.name + "` of graph `" + graph + "`";
    info.id = tensor.id;
    info.data_type = tensor.data_type;
    info.encoding.type = type_of(tensor.data_type, what);
    if (tensor.data_format != qnn::kFlatBuffer) {
        throw Failure(FailureCode::program_unsupported, what + " has a layout of the accelerator's own (HMX, format " +
                                                            std::to_string(tensor.data_format) +
                                                            "), whose order of bytes is not public.");
    }
    size_t elements = 1;
    for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
        const size_t size = tensor.dimensions[axis];
        elements *= size;
        if (size == 0 || size > longest_side || elements > most_elements) {
            throw Failure(FailureCode::program_invalid, what + " has a size that no model has.");
        }
        info.sizes.push_back(size);
    }
    if (info.encoding.type == ElementType::uint8 || info.encoding.type == ElementType::uint16) {
        const qnn::QuantizeParams& quantize = tensor.quantize;
        if (quantize.definition != 1 || quantize.encoding != 0 || !std::isfinite(quantize.scale) ||
            quantize.scale <= 0 || quantize.offset > 0 || quantize.offset < -0xffff) {
            throw Failure(FailureCode::program_unsupported,
                          what + " is quantised in another way than by one scale and one offset.");
        }
        info.encoding.scale = quantize.scale;
        info.encoding.offset = quantize.offset;
    }
    return info;
}

std::string text_of(const std::vector<size_t>& sizes) {
    std::string text;
    for (const size_t size : sizes) {
        text += (text.empty() ? "[" : ", ") + std::to_string(size);
    }
    return text + "]";
}

}  // namespace wyvern
