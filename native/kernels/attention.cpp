#include "attention.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "attention_kernels.h"
#include "instruction_set.h"
#include "parallel.h"
#include "scratch.h"

namespace wyvern::kernels {

namespace {

/// Multiplications below which a second thread costs more than it saves.
constexpr double kWorkPerTask = 200'000;
/// Bytes of queries and sums of one unit of prefill, if there are enough units for the threads: each reads all keys and
/// values that its rows see, so the more rows the better, as long as they stay in the second cache.
constexpr std::int64_t kUnitBytes = 192 * 1024;

std::int64_t tasks_for(const Attention& attention, std::int64_t batch) {
    const double work = 2.0 * static_cast<double>(batch) * static_cast<double>(attention.query_heads) *
                        static_cast<double>(attention.tokens) * static_cast<double>(attention.slots) *
                        static_cast<double>(attention.dim);
    const double most = static_cast<double>(thread_count());
    return static_cast<std::int64_t>(std::clamp(work / kWorkPerTask, 1.0, most));
}

bool prefill(const Attention& attention) {
    const AttentionKernels& kernels = *instruction_set().attention;
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
    const std::size_t each = whole_lines(kernels.prefill_scratch(attention, std::min(unit, rows)));
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
    const AttentionKernels& kernels = *instruction_set().attention;
    const std::int64_t tasks = std::clamp<std::int64_t>(tasks_for(attention, 1), 1, kMostTasks);
    const std::int64_t share = (attention.slots + tasks - 1) / tasks;
    const auto heads = static_cast<std::size_t>(attention.query_heads);
    const std::size_t width = heads * static_cast<std::size_t>(attention.dim);
    const std::size_t loops = whole_lines(kernels.decode_scratch(attention));
    const std::size_t each = loops + whole_lines(width) + 2 * whole_lines(heads);
    float* scratch = scratch_of_thread(each * static_cast<std::size_t>(tasks));
    if (scratch == nullptr) return false;

    Partial partials[kMostTasks];
    for (std::int64_t i = 0; i < tasks; ++i) {
        float* values = scratch + each * static_cast<std::size_t>(i) + loops;
        partials[i] = {values + whole_lines(width), values + whole_lines(width) + whole_lines(heads), values};
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
