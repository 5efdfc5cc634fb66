#pragma once

#include <cstdint>
#include <optional>

/// Linear layers over GGUF's weight blocks, free of ExecuTorch types.
///
/// A row has the same bits on every processor, for every number of threads, and with any other rows in the call. For
/// weights in blocks of integers, inputs are rounded to 8 or 15 bits, 32 at a time, and dot products of the inputs that
/// share a scale are exact integers. Each output is one chain of fused multiply-adds over those products, in the order
/// of the inputs. For weights of floats, the chain goes over the inputs themselves, which are not rounded.
namespace wyvern::kernels {

/// Block types, by their numbers in GGUF.
enum class BlockType : std::uint8_t {
    f32 = 0,
    f16 = 1,
    q4_0 = 2,
    q4_1 = 3,
    q5_0 = 6,
    q5_1 = 7,
    q8_0 = 8,
    q2_k = 10,
    q3_k = 11,
    q4_k = 12,
    q5_k = 13,
    q6_k = 14,
    iq4_nl = 20,
    iq4_xs = 23,
    bf16 = 30
};
/// One more than the greatest number of a type.
inline constexpr int kBlockTypes = 31;

/// Output rows that are interleaved in memory: 4 bytes of each row's block in turn (see blocks.h).
inline constexpr std::int64_t kGroupRows = 16;
/// Inputs that share one scale when they are rounded.
inline constexpr std::int64_t kUnit = 32;

/// The sizes of a type's blocks.
struct BlockShape {
    /// Inputs of one block: a multiple of `kUnit`, or 1 for floats.
    std::int64_t inputs;
    /// Bytes of one row's block.
    std::int64_t bytes;
};

/// Returns the block of a GGUF type number, or nothing for a type without kernels.
std::optional<BlockShape> block_shape(std::int64_t type);

/// Returns whether products with this type round their inputs. Floats do not.
bool rounds_inputs(BlockType type);

/// A weight matrix: `[groups][blocks of a row][16 rows interleaved]`.
struct LinearWeight {
    BlockType type = BlockType::q4_1;
    const std::uint8_t* data = nullptr;
    /// Output rows. The rows that fill up the last group are not written.
    std::int64_t rows = 0;

    std::int64_t groups() const { return (rows + kGroupRows - 1) / kGroupRows; }
};

/// The destination of one weight's products.
struct LinearOutput {
    LinearWeight weight;
    /// float32 `[tokens, weight.rows]`.
    float* out = nullptr;
    /// Added to the products, from element `token * added_stride` on; does not overlap them. Null for none.
    const float* added = nullptr;
    /// The weight's rows for an addend of the products' shape, 0 for one row that all tokens share.
    std::int64_t added_stride = 0;
};

/// Several weights with one input.
struct Linear {
    static constexpr int kMostOutputs = 3;

    /// float32 `[tokens, width]`.
    const float* input = nullptr;
    std::int64_t tokens = 0;
    /// A multiple of each weight's block, so of `kUnit` if one rounds its inputs.
    std::int64_t width = 0;
    /// Rounds each input to 15 bits in two int8, instead of 8 bits. This doubles the multiplications.
    bool fine = false;
    LinearOutput outputs[kMostOutputs];
    int count = 0;
};

/// Computes the products on the runtime's thread pool. Returns false if there is no memory for the working buffers.
bool multiply(const Linear& linear);

/// Writes row `row` of a weight matrix of `width` columns as float32.
void read_row(const LinearWeight& weight, std::int64_t width, std::int64_t row, float* out);

}  // namespace wyvern::kernels
