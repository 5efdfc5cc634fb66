#include "lanes_portable.h"
#include "linear_body.h"

namespace wyvern::kernels {

const LinearKernels kPortableLinear = linear_kernels<PortableLanes<16>>();

namespace {

template <class B>
void read_blocks(const LinearWeight& weight, std::int64_t width, std::int64_t row, float* out) {
    using Row = PortableLanes<1>;
    const std::int64_t blocks = width / B::kShape.inputs;
    const std::uint8_t* block = weight.data + row / kGroupRows * blocks * B::kShape.bytes * kGroupRows;
    for (std::int64_t i = 0; i < width; i += kUnit) {
        Widened<Row> w{};
        B::template widen<Row>(block, static_cast<int>(i % B::kShape.inputs / kUnit),
                               static_cast<int>(row % kGroupRows), w);
        for (int j = 0; j < kUnit; ++j) {
            const auto byte = static_cast<std::uint8_t>(w.quads[j / 4].lane[0] >> 8 * (j % 4));
            const int integer = (B::kWeights == Weights::signed8 ? static_cast<std::int8_t>(byte) : byte) - B::kOffset;
            const float minimum = B::kMinimum ? w.minimum.lane[0] : 0;
            out[i + j] = std::fma(static_cast<float>(integer), w.scale.lane[0], minimum);
        }
        if ((i + kUnit) % B::kShape.inputs == 0) block += B::kShape.bytes * kGroupRows;
    }
}

}  // namespace

void read_row(const LinearWeight& weight, std::int64_t width, std::int64_t row, float* out) {
    switch (weight.type) {
        case BlockType::q4_0:
            return read_blocks<BlockQ4_0>(weight, width, row, out);
        case BlockType::q4_1:
            return read_blocks<BlockQ4_1>(weight, width, row, out);
        case BlockType::q5_0:
            return read_blocks<BlockQ5_0>(weight, width, row, out);
        case BlockType::q5_1:
            return read_blocks<BlockQ5_1>(weight, width, row, out);
        case BlockType::q8_0:
            return read_blocks<BlockQ8_0>(weight, width, row, out);
        case BlockType::q4_k:
            return read_blocks<BlockQ4_K>(weight, width, row, out);
        case BlockType::q5_k:
            return read_blocks<BlockQ5_K>(weight, width, row, out);
    }
}

std::optional<BlockShape> block_shape(std::int64_t type) {
    switch (static_cast<BlockType>(type)) {
        case BlockType::q4_0:
            return BlockQ4_0::kShape;
        case BlockType::q4_1:
            return BlockQ4_1::kShape;
        case BlockType::q5_0:
            return BlockQ5_0::kShape;
        case BlockType::q5_1:
            return BlockQ5_1::kShape;
        case BlockType::q8_0:
            return BlockQ8_0::kShape;
        case BlockType::q4_k:
            return BlockQ4_K::kShape;
        case BlockType::q5_k:
            return BlockQ5_K::kShape;
    }
    return std::nullopt;
}

const LinearKernel& LinearKernels::of(BlockType type) const {
    switch (type) {
        case BlockType::q4_0:
            return q4_0;
        case BlockType::q5_0:
            return q5_0;
        case BlockType::q5_1:
            return q5_1;
        case BlockType::q8_0:
            return q8_0;
        case BlockType::q4_k:
            return q4_k;
        case BlockType::q5_k:
            return q5_k;
        case BlockType::q4_1:
            break;
    }
    return q4_1;
}

}  // namespace wyvern::kernels
