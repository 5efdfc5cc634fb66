#include "lanes_portable.h"
#include "linear_body.h"

namespace wyvern::kernels {

const LinearKernels kPortableLinear = linear_kernels<PortableLanes<16>>();

namespace {

using Row = PortableLanes<1>;

/// Calls `use` with the block type of that number. Returns false for a number without a type.
template <class Use, class... B>
bool with_type(std::int64_t type, BlockList<B...>, Use use) {
    return ((type == static_cast<std::int64_t>(B::kType) && (use(B{}), true)) || ...);
}

template <class B>
void read_blocks(const std::uint8_t* group, std::int64_t width, int lane, float* out) {
    for (std::int64_t i = 0; i < width; i += kUnit) {
        const std::uint8_t* block = group + i / B::kShape.inputs * B::kShape.bytes * kGroupRows;
        Widened<Row, B::kScales> w{};
        B::template widen<Row>(block, static_cast<int>(i % B::kShape.inputs / kUnit), lane, w);
        for (int j = 0; j < kUnit; ++j) {
            const auto byte = static_cast<std::uint8_t>(w.quads[j / 4].lane[0] >> 8 * (j % 4));
            const int integer = (B::kWeights == Weights::signed8 ? static_cast<std::int8_t>(byte) : byte) - B::kOffset;
            const int part = j * B::kScales / static_cast<int>(kUnit);
            const auto real = static_cast<float>(integer);
            const float scale = w.scales[part].lane[0];
            out[i + j] = B::kMinimum ? std::fma(real, scale, w.minima[part].lane[0]) : real * scale;
        }
    }
}

template <class W>
void read_floats(const std::uint8_t* group, std::int64_t width, int lane, float* out) {
    for (std::int64_t i = 0; i < width; ++i) {
        out[i] = W::template load<Row>(group + i * W::kShape.bytes * kGroupRows, lane).lane[0];
    }
}

}  // namespace

void read_row(const LinearWeight& weight, std::int64_t width, std::int64_t row, float* out) {
    const auto type = static_cast<std::int64_t>(weight.type);
    const int lane = static_cast<int>(row % kGroupRows);
    const auto group = [&](BlockShape shape) {
        return weight.data + row / kGroupRows * (width / shape.inputs) * shape.bytes * kGroupRows;
    };
    with_type(type, RoundedBlocks{}, [&]<class B>(B) { read_blocks<B>(group(B::kShape), width, lane, out); });
    with_type(type, FloatWeights{}, [&]<class W>(W) { read_floats<W>(group(W::kShape), width, lane, out); });
}

std::optional<BlockShape> block_shape(std::int64_t type) {
    std::optional<BlockShape> shape;
    const auto take = [&]<class B>(B) { shape = B::kShape; };
    with_type(type, RoundedBlocks{}, take);
    with_type(type, FloatWeights{}, take);
    return shape;
}

bool rounds_inputs(BlockType type) {
    return with_type(static_cast<std::int64_t>(type), RoundedBlocks{}, [](auto) {});
}

}  // namespace wyvern::kernels
