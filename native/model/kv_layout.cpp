#include "kv_layout.h"

#include <algorithm>
#include <cstring>

namespace wyvern {
namespace {

/// Rows are H * D apart in memory, so each element of a decode step is on its own cache line. Missing writes queue
/// up; prefetching the lines some rows ahead overlaps them.
constexpr size_t kRowsAhead = 16;

inline void prefetch_for_write([[maybe_unused]] const void* address) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(address, 1, 0);
#endif
}

template <typename Element>
void append_key_column(std::byte* cache, size_t slots, const std::byte* fresh, size_t rows, size_t position) {
    auto* to = reinterpret_cast<Element*>(cache) + position;
    const auto* from = reinterpret_cast<const Element*>(fresh);
    for (size_t row = 0; row < rows; ++row) {
        if (row + kRowsAhead < rows) {
            prefetch_for_write(to + (row + kRowsAhead) * slots);
        }
        to[row * slots] = from[row];
    }
}

/// Moves `rows` rows of `keep` bytes from one stride to another in place. It grows from the last row and shrinks
/// from the first, so that it overwrites no row before it moves it.
void restride(std::byte* data, size_t rows, size_t from, size_t to, size_t keep) {
    if (from == to || keep == 0) {
        return;
    }
    if (to < from) {
        for (size_t row = 1; row < rows; ++row) {
            std::memmove(data + row * to, data + row * from, keep);
        }
    } else {
        for (size_t row = rows; row-- > 1;) {
            std::memmove(data + row * to, data + row * from, keep);
        }
    }
}

template <typename Element>
void fill(Element* mask, Element attend, Element masked, size_t ar, size_t context, size_t past, size_t window) {
    const size_t slots = context - ar;
    for (size_t row = 0; row < ar; ++row) {
        Element* line = mask + row * context;
        const size_t position = past + row;
        // First position that this row sees. Slots hold positions 0 ... past - 1; the new tokens follow.
        const size_t first = window > 0 && position + 1 > window ? position + 1 - window : 0;
        const size_t from_slot = std::min(first, past);
        const size_t from_new = first > past ? first - past : 0;
        std::fill(line, line + from_slot, masked);
        std::fill(line + from_slot, line + past, attend);
        std::fill(line + past, line + slots + from_new, masked);
        std::fill(line + slots + from_new, line + slots + row + 1, attend);
        std::fill(line + slots + row + 1, line + context, masked);
    }
}

}  // namespace

void append_keys(const CacheShape& shape, std::byte* cache, size_t slots, const std::byte* fresh, size_t ar,
                 size_t position, size_t count) {
    const size_t rows = shape.heads * shape.head_dim;
    if (count == 1 && ar == 1) {
        switch (shape.element_bytes) {
            case 1:
                return append_key_column<uint8_t>(cache, slots, fresh, rows, position);
            case 2:
                return append_key_column<uint16_t>(cache, slots, fresh, rows, position);
            case 4:
                return append_key_column<uint32_t>(cache, slots, fresh, rows, position);
            default:
                break;
        }
    }
    const size_t size = shape.element_bytes;
    for (size_t row = 0; row < rows; ++row) {
        std::memcpy(cache + (row * slots + position) * size, fresh + row * ar * size, count * size);
    }
}

void append_values(const CacheShape& shape, std::byte* cache, size_t slots, const std::byte* fresh, size_t ar,
                   size_t position, size_t count) {
    const size_t token = shape.head_dim * shape.element_bytes;
    for (size_t head = 0; head < shape.heads; ++head) {
        std::memcpy(cache + (head * slots + position) * token, fresh + head * ar * token, count * token);
    }
}

void repack_keys(const CacheShape& shape, std::byte* cache, size_t from, size_t to, size_t used) {
    const size_t size = shape.element_bytes;
    restride(cache, shape.heads * shape.head_dim, from * size, to * size, used * size);
}

void repack_values(const CacheShape& shape, std::byte* cache, size_t from, size_t to, size_t used) {
    const size_t token = shape.head_dim * shape.element_bytes;
    restride(cache, shape.heads, from * token, to * token, used * token);
}

size_t mask_element_bytes(MaskType type) {
    switch (type) {
        case MaskType::kUint8:
            return 1;
        case MaskType::kUint16:
            return 2;
        case MaskType::kFloat32:
            return 4;
    }
    return 0;
}

void fill_mask(MaskType type, void* mask, size_t ar, size_t context, size_t past, size_t window) {
    switch (type) {
        case MaskType::kUint8:
            return fill<uint8_t>(static_cast<uint8_t*>(mask), 255, 0, ar, context, past, window);
        case MaskType::kUint16:
            return fill<uint16_t>(static_cast<uint16_t*>(mask), 65535, 0, ar, context, past, window);
        case MaskType::kFloat32:
            return fill<float>(static_cast<float*>(mask), 0.0f, -65535.0f, ar, context, past, window);
    }
}

void fill_mask(const MaskValues& values, void* mask, size_t ar, size_t context, size_t past, size_t window) {
    switch (values.element_bytes) {
        case 1:
            return fill<uint8_t>(static_cast<uint8_t*>(mask), static_cast<uint8_t>(values.attend),
                                 static_cast<uint8_t>(values.masked), ar, context, past, window);
        case 2:
            return fill<uint16_t>(static_cast<uint16_t*>(mask), static_cast<uint16_t>(values.attend),
                                  static_cast<uint16_t>(values.masked), ar, context, past, window);
        default:
            return fill<uint32_t>(static_cast<uint32_t*>(mask), values.attend, values.masked, ar, context, past, window);
    }
}

}  // namespace wyvern
