/// \file
/// Compares caches and masks of static programs with a plain implementation of kv_layout.h, in which a cache is a list
/// of tokens. Input: the shape, then steps to the end.

#include <cstring>
#include <memory>

#include "../model/kv_layout.h"
#include "input.h"

using wyvern::CacheShape;
using wyvern::MaskType;
using wyvern::fuzz::Input;
using wyvern::fuzz::require;

namespace {

constexpr size_t longest_context = 48;

/// A buffer of the exact size, so that AddressSanitizer detects overruns; aligned for every element.
struct Memory {
    explicit Memory(size_t bytes) : size(bytes), bytes(std::make_unique<std::byte[]>(bytes)) {}

    size_t size;
    std::unique_ptr<std::byte[]> bytes;
};

/// A K or V cache and its expected tokens.
class Cache {
 public:
    Cache(CacheShape shape, size_t context, bool keys)
        : shape_(shape), keys_(keys), rows_(shape.heads * shape.head_dim), memory_(rows_ * (context - 1) * shape.element_bytes) {}

    void append(Input& input, size_t slots, size_t ar, size_t count) {
        Memory fresh(rows_ * ar * shape_.element_bytes);
        const auto noise = input.take_bytes(fresh.size);
        std::memcpy(fresh.bytes.get(), noise.data(), noise.size());
        for (size_t i = noise.size(); i < fresh.size; ++i) {
            fresh.bytes[i] = static_cast<std::byte>(i * 31 + tokens_.size());
        }
        const size_t position = tokens_.size();
        const auto put = keys_ ? wyvern::append_keys : wyvern::append_values;
        put(shape_, memory_.bytes.get(), slots, fresh.bytes.get(), ar, position, count);
        for (size_t token = 0; token < count; ++token) {
            tokens_.push_back(read(fresh.bytes.get(), ar, token));
        }
    }

    void repack(size_t from, size_t to) {
        const auto move = keys_ ? wyvern::repack_keys : wyvern::repack_values;
        move(shape_, memory_.bytes.get(), from, to, tokens_.size());
    }

    void rewind(size_t used) { tokens_.resize(used); }

    void check(size_t slots) const {
        for (size_t token = 0; token < tokens_.size(); ++token) {
            require(read(memory_.bytes.get(), slots, token) == tokens_[token], "a token stays as it was appended");
        }
    }

 private:
    /// All elements of one token in a layout of `length` tokens a row: [H, D, length] for K, [H, length, D] for V.
    std::vector<std::byte> read(const std::byte* from, size_t length, size_t token) const {
        std::vector<std::byte> elements;
        for (size_t head = 0; head < shape_.heads; ++head) {
            for (size_t i = 0; i < shape_.head_dim; ++i) {
                const size_t at = keys_ ? (head * shape_.head_dim + i) * length + token
                                        : (head * length + token) * shape_.head_dim + i;
                const std::byte* element = from + at * shape_.element_bytes;
                elements.insert(elements.end(), element, element + shape_.element_bytes);
            }
        }
        return elements;
    }

    CacheShape shape_;
    bool keys_;
    size_t rows_;
    Memory memory_;
    std::vector<std::vector<std::byte>> tokens_;
};

template <typename Element>
void check_mask(MaskType type, Element attend, Element masked, size_t ar, size_t context, size_t past, size_t window) {
    Memory memory(ar * context * wyvern::mask_element_bytes(type));
    require(memory.size == ar * context * sizeof(Element), "a mask's elements are as large as said");
    wyvern::fill_mask(type, memory.bytes.get(), ar, context, past, window);
    const auto* mask = reinterpret_cast<const Element*>(memory.bytes.get());
    for (size_t row = 0; row < ar; ++row) {
        for (size_t column = 0; column < context; ++column) {
            const bool is_new = column >= context - ar;
            const size_t position = is_new ? past + column - (context - ar) : column;
            const bool there = is_new || position < past;
            const bool seen = there && position <= past + row && (window == 0 || position + window > past + row);
            require(mask[row * context + column] == (seen ? attend : masked), "a row sees the tokens that it may");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Input input(data, size);
    constexpr size_t element_bytes[] = {1, 2, 4};
    const CacheShape shape{input.between(1, 4), input.between(1, 8), element_bytes[input.between(0, 2)]};
    const size_t context = input.between(2, longest_context);
    Cache keys(shape, context, true);
    Cache values(shape, context, false);
    size_t ar = 1;
    size_t past = 0;
    while (!input.rest().empty()) {
        const size_t next = input.between(1, context - 1);
        const size_t slots = context - next;
        // Forget the tokens that do not fit into the next method's rows first, as the session does.
        past = input.between(0, std::min(past, slots));
        keys.rewind(past);
        values.rewind(past);
        keys.repack(context - ar, slots);
        values.repack(context - ar, slots);
        ar = next;
        keys.check(slots);
        values.check(slots);

        const size_t window = input.between(0, context + 2);
        check_mask<uint8_t>(MaskType::kUint8, 255, 0, ar, context, past, window);
        check_mask<uint16_t>(MaskType::kUint16, 65535, 0, ar, context, past, window);
        check_mask<float>(MaskType::kFloat32, 0.0F, -65535.0F, ar, context, past, window);

        const size_t count = input.between(0, std::min(ar, slots - past));
        keys.append(input, slots, ar, count);
        values.append(input, slots, ar, count);
        past += count;
        keys.check(slots);
        values.check(slots);
    }
    return 0;
}
