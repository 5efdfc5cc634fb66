#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include <array>
#include <atomic>
#include <cmath>
#include <memory>
#include <new>

#include "arguments.h"
#include "operators.h"
#include "parallel.h"

namespace wyvern::kernels {

namespace {

/// Order of the one Hadamard matrix that models use besides Sylvester's (14336 = 28 · 512).
constexpr int kOdd = 28;
using Signs = std::array<std::array<std::int8_t, kOdd>, kOdd>;

/// Williamson's construction: four symmetric circulant matrices of order 7, arranged like the units of a quaternion.
constexpr Signs williamson_28() {
    constexpr int kCirculant[4][7] = {
        {1, -1, -1, -1, -1, -1, -1}, {-1, -1, 1, 1, 1, 1, -1}, {-1, 1, -1, 1, 1, -1, 1}, {-1, 1, 1, -1, -1, 1, 1}};
    // The number of the circulant, from 1, with its sign.
    constexpr int kBlock[4][4] = {{1, 2, 3, 4}, {-2, 1, -4, 3}, {-3, 4, 1, -2}, {-4, -3, 2, 1}};
    Signs signs{};
    for (int row = 0; row < kOdd; ++row) {
        for (int column = 0; column < kOdd; ++column) {
            const int block = kBlock[row / 7][column / 7];
            const int shift = (column % 7 - row % 7 + 7) % 7;
            const int sign = block < 0 ? -kCirculant[-block - 1][shift] : kCirculant[block - 1][shift];
            signs[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = static_cast<std::int8_t>(sign);
        }
    }
    return signs;
}
constexpr Signs kSigns = williamson_28();

constexpr bool is_power_of_two(std::int64_t n) { return n > 0 && (n & (n - 1)) == 0; }

/// x = H · x, with Sylvester's matrix of order n, a power of two; entries ±1.
void sylvester(float* x, std::int64_t n) {
    for (std::int64_t half = 1; half < n; half *= 2) {
        for (std::int64_t start = 0; start < n; start += 2 * half) {
            float* low = x + start;
            float* high = low + half;
            for (std::int64_t i = 0; i < half; ++i) {
                const float a = low[i];
                const float b = high[i];
                low[i] = a + b;
                high[i] = a - b;
            }
        }
    }
}

/// out[j] = Σ_i kSigns[i][j] · x[i], of rows of `width`.
void mix(const float* x, std::int64_t width, float* out) {
    for (std::size_t j = 0; j < kOdd; ++j) {
        float* sum = out + static_cast<std::int64_t>(j) * width;
        for (std::int64_t k = 0; k < width; ++k) sum[k] = 0;
        for (std::size_t i = 0; i < kOdd; ++i) {
            const float sign = kSigns[i][j];
            const float* row = x + static_cast<std::int64_t>(i) * width;
            for (std::int64_t k = 0; k < width; ++k) sum[k] += sign * row[k];
        }
    }
}

/// Transforms rows `first … first + count - 1`. Returns false if there is no memory for one row.
bool transform_rows(const Tensor& from, const Tensor& to, Element element, std::int64_t n, std::int64_t first,
                    std::int64_t count) {
    const bool odd = !is_power_of_two(n);
    const std::int64_t width = odd ? n / kOdd : n;
    const std::unique_ptr<float[]> memory(new (std::nothrow) float[static_cast<std::size_t>(2 * n)]);
    if (!memory) return false;
    float* row = memory.get();
    float* mixed = row + n;
    // We measured upstream's scale: it makes the Sylvester part orthonormal and keeps the other matrix's entries at ±1.
    const float scale = 1.0f / std::sqrt(static_cast<float>(width));
    for (std::int64_t base = first * n; base < (first + count) * n; base += n) {
        for (std::int64_t i = 0; i < n; ++i) row[i] = read_element(from.const_data_ptr(), element, base + i);
        for (std::int64_t start = 0; start < n; start += width) sylvester(row + start, width);
        if (odd) mix(row, width, mixed);
        const float* result = odd ? mixed : row;
        for (std::int64_t i = 0; i < n; ++i) {
            write_element(to.mutable_data_ptr(), element, base + i, result[i] * scale);
        }
    }
    return true;
}

}  // namespace

void fast_hadamard_transform(Context& context, Stack stack) {
    Arguments arguments(context, stack);
    const Tensor* matrix = arguments.tensor();
    const Tensor* out = arguments.tensor();
    if (!arguments.ok()) return;
    const auto element = floating_element(matrix->scalar_type());
    if (!element || out->scalar_type() != matrix->scalar_type()) {
        refuse(context, Error::InvalidArgument, "fast_hadamard_transform: needs one floating point dtype");
        return;
    }
    const std::int64_t n = matrix->dim() == 0 ? 0 : matrix->size(matrix->dim() - 1);
    if (!is_power_of_two(n) && (n % kOdd != 0 || !is_power_of_two(n / kOdd))) {
        refuse(context, Error::InvalidArgument, "fast_hadamard_transform: the last size must be 2^k or 28 * 2^k");
        return;
    }
    if (out->dim() != matrix->dim() || executorch::runtime::resize_tensor(*out, matrix->sizes()) != Error::Ok) {
        refuse(context, Error::InvalidArgument, "fast_hadamard_transform: the output cannot take the input's shape");
        return;
    }
    const std::int64_t rows = matrix->numel() / n;
    if (rows == 0) return;
    const std::int64_t tasks = rows < thread_count() ? rows : thread_count();
    const std::int64_t share = (rows + tasks - 1) / tasks;
    std::atomic<bool> enough{true};
    const bool ran = run_tasks(tasks, [&](std::int64_t task) {
        const std::int64_t first = task * share < rows ? task * share : rows;
        const std::int64_t count = share < rows - first ? share : rows - first;
        if (!transform_rows(*matrix, *out, *element, n, first, count)) enough = false;
    });
    if (!ran || !enough) refuse(context, Error::MemoryAllocationFailed, "fast_hadamard_transform: no memory for a row");
}

}  // namespace wyvern::kernels
