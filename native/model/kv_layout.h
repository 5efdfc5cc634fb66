/// \file
/// Arithmetic of the caches and masks that QNN's static llama programs take as inputs. Independent of ExecuTorch.
///
/// Layout (upstream's `examples/qualcomm/oss_scripts/llama`, releases 1.1 to 1.5; AR length A = tokens of one call,
/// C = context length):
///   K input  [1, H, D, C - A]   K output [1, H, D, A]    (head_dim before sequence)
///   V input  [1, H, C - A, D]   V output [1, H, A, D]
///   mask     [1, 1, A, C]       column j < C - A is cache slot j; columns C - A ... C - 1 are the A new tokens
///
/// Methods of one program differ in A, so they read the same memory with two strides; `repack_*` converts between them
/// in place. These functions do not allocate, throw or check: the caller verifies the shapes once, at load.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wyvern {

/// Shape of the caches of one layer; sizes in elements unless they say bytes.
struct CacheShape {
    size_t heads;          ///< KV heads H
    size_t head_dim;       ///< D
    size_t element_bytes;  ///< 1 (uint8), 2 (uint16) or 4 (float32)

    bool operator==(const CacheShape&) const = default;
};

/// Copies the first `count` new positions of a K output (row length `ar`) to slots `position ...` of a K input (row
/// length `slots` = C - A). Requires position + count <= slots and count <= ar.
void append_keys(const CacheShape& shape, std::byte* cache, size_t slots, const std::byte* fresh, size_t ar,
                 size_t position, size_t count);

/// The same for V: heads of `ar * D` elements into heads of `slots * D`.
void append_values(const CacheShape& shape, std::byte* cache, size_t slots, const std::byte* fresh, size_t ar,
                   size_t position, size_t count);

/// Changes the row length of a K input from `from` to `to` slots, in place, keeping the first `used` slots of each row.
/// Requires used <= min(from, to) and room for the longer layout.
void repack_keys(const CacheShape& shape, std::byte* cache, size_t from, size_t to, size_t used);

/// The same for V.
void repack_values(const CacheShape& shape, std::byte* cache, size_t from, size_t to, size_t used);

/// Dtype of a mask, with its values for "attend" and "masked".
enum class MaskType : uint8_t {
    kUint8,    ///< 255 / 0
    kUint16,   ///< 65535 / 0
    kFloat32,  ///< 0.0 / -65535.0
};

/// Bytes of one mask element.
size_t mask_element_bytes(MaskType type);

/// Elements of a mask of any type.
struct MaskValues {
    size_t element_bytes;  ///< 1, 2 or 4
    uint32_t attend;       ///< the element, in the low bytes
    uint32_t masked;
};

/// Fills all `ar * context` elements of a causal mask for tokens at `past ... past + ar - 1`: row i sees the `past`
/// resident slots and the new tokens 0 ... i. With `window` > 0 row i sees only the last `window` positions, itself
/// included. Rows of padding tokens (in a short last chunk) are valid too.
void fill_mask(MaskType type, void* mask, size_t ar, size_t context, size_t past, size_t window);
void fill_mask(const MaskValues& values, void* mask, size_t ar, size_t context, size_t past, size_t window);

}  // namespace wyvern
