#include "attention.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <new>

#include "attention_kernels.h"
#include "parallel.h"

namespace wyvern::kernels {

namespace {

/// Multiplications below which a second thread costs more than it saves.
constexpr double kWorkPerTask = 200'000;
/// Bytes of queries and sums of one unit of prefill, if there are enough units for the threads: each reads all keys and
/// values that its rows see, so the more rows the better, as long as they stay in the second cache.
constexpr std::int64_t kUnitBytes = 192 * 1024;

/// Floats that live as long as the calling thread and only grow, so that no call pays for fresh pages. 64-byte aligned.
class Scratch {
 public:
    float* reserve(std::size_t count) {
        if (count > size_) {
            memory_.reset();
            memory_.reset(new (std::nothrow) float[count + kAlignment / sizeof(float)]);
            size_ = memory_ ? count : 0;
        }
        if (!memory_) return nullptr;
        const auto address = reinterpret_cast<std::uintptr_t>(memory_.get());
        return memory_.get() + (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
    }

 private:
    static constexpr std::size_t kAlignment = 64;
    std::unique_ptr<float[]> memory_;
    std::size_t size_ = 0;
};

float* scratch_of_thread(std::size_t count) {
    thread_local Scratch scratch;
    return scratch.reserve(count);
}

constexpr std::size_t aligned(std::size_t floats) { return (floats + 15) / 16 * 16; }

std::int64_t tasks_for(const Attention& attention, std::int64_t batch) {
    const double work = 2.0 * static_cast<double>(batch) * static_cast<double>(attention.query_heads) *
                        static_cast<double>(attention.tokens) * static_cast<double>(attention.slots) *
                        static_cast<double>(attention.dim);
    const double most = static_cast<double>(thread_count());
    return static_cast<std::int64_t>(std::clamp(work / kWorkPerTask, 1.0, most));
}

bool prefill(const Attention& attention) {
    const AttentionKernels& kernels = active_kernels();
    const std::int64_t rows = attention.tokens * attention.group();
    const std::int64_t heads = attention.batch * attention.kv_heads;
    const std::int64_t threads = tasks_for(attention, attention.batch);
    const std::int64_t tile = kernels.tile_rows;
    const std::int64_t row_bytes = 2 * attention.dim * static_cast<std::int64_t>(sizeof(float));
    std::int64_t unit = std::max(tile, kUnitBytes / row_bytes / tile * tile);
    const auto blocks = [rows, &unit] { return (rows + unit - 1) / unit; };
    while (threads > 1 && unit > tile && heads * blocks() < 4 * threads) unit -= tile;

    const std::int64_t units = heads * blocks();
    const std::int64_t tasks = std::min(threads, units);
    const std::size_t each = aligned(kernels.prefill_scratch(attention, std::min(unit, rows)));
    float* scratch = scratch_of_thread(each * static_cast<std::size_t>(tasks));
    if (scratch == nullptr) return false;
    std::atomic<std::int64_t> next{0};
    return run_tasks(tasks, [&](std::int64_t task) {
        for (std::int64_t i = next.fetch_add(1); i < units; i = next.fetch_add(1)) {
            // Units of one head follow each other, so that they find its keys and values in a cache; of those the last
            // rows, which see the most, go first, so that no thread is left with a long unit at the end.
            const std::int64_t head = i / blocks();
            const std::int64_t first = (blocks() - 1 - i % blocks()) * unit;
            const RowBlock block = {head / attention.kv_heads, head % attention.kv_heads, first,
                                    std::min(unit, rows - first)};
            kernels.prefill(attention, block, scratch + each * static_cast<std::size_t>(task));
        }
    });
}

/// Joins what the tasks found for one head, and writes it. `partials[0].values` is used up.
void merge(const Attention& attention, std::int64_t batch, std::int64_t head, const Partial* partials,
           std::int64_t count) {
    float greatest = kNoScore;
    for (std::int64_t i = 0; i < count; ++i) greatest = std::max(greatest, partials[i].greatest[head]);
    float sum = 0;
    float* values = partials[0].values + head * attention.dim;
    for (std::int64_t i = 0; i < count; ++i) {
        const float weight = std::exp2(partials[i].greatest[head] - greatest);
        const float* part = partials[i].values + head * attention.dim;
        sum += partials[i].sum[head] * weight;
        for (std::int64_t j = 0; j < attention.dim; ++j) {
            values[j] = i == 0 ? part[j] * weight : values[j] + part[j] * weight;
        }
    }
    const float share = sum == 0 ? 0.0f : 1.0f / sum;
    const std::int64_t base =
        (batch * attention.query.batch_stride + head * attention.query.head_stride) * attention.dim;
    for (std::int64_t j = 0; j < attention.dim; ++j) {
        write_element(attention.out, attention.out_element, base + j, values[j] * share);
    }
}

bool decode(const Attention& attention) {
    constexpr std::int64_t kMostTasks = 64;
    const AttentionKernels& kernels = active_kernels();
    const std::int64_t tasks = std::clamp<std::int64_t>(tasks_for(attention, 1), 1, kMostTasks);
    const std::int64_t share = (attention.slots + tasks - 1) / tasks;
    const auto heads = static_cast<std::size_t>(attention.query_heads);
    const std::size_t width = heads * static_cast<std::size_t>(attention.dim);
    const std::size_t loops = aligned(kernels.decode_scratch(attention));
    const std::size_t each = loops + aligned(width) + 2 * aligned(heads);
    float* scratch = scratch_of_thread(each * static_cast<std::size_t>(tasks));
    if (scratch == nullptr) return false;

    Partial partials[kMostTasks];
    for (std::int64_t i = 0; i < tasks; ++i) {
        float* values = scratch + each * static_cast<std::size_t>(i) + loops;
        partials[i] = {values + aligned(width), values + aligned(width) + aligned(heads), values};
    }
    for (std::int64_t batch = 0; batch < attention.batch; ++batch) {
        const bool ran = run_tasks(tasks, [&](std::int64_t task) {
            const std::int64_t first = std::min(task * share, attention.slots);
            const SlotRange range = {batch, first, std::min(first + share, attention.slots)};
            kernels.decode(attention, range, partials[task], scratch + each * static_cast<std::size_t>(task));
        });
        if (!ran) return false;
        for (std::int64_t head = 0; head < attention.query_heads; ++head) {
            merge(attention, batch, head, partials, tasks);
        }
    }
    return true;
}

}  // namespace

bool attend(const Attention& attention) {
    if (attention.batch == 0 || attention.tokens == 0 || attention.query_heads == 0 || attention.dim == 0) return true;
    return attention.tokens == 1 ? decode(attention) : prefill(attention);
}

}  // namespace wyvern::kernels
