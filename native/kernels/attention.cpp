#include "attention.h"

#include <algorithm>
#include <atomic>
#include <new>

#include "attention_kernels.h"
#include "instruction_set.h"
#include "parallel.h"
#include "scratch.h"

namespace wyvern::kernels {

namespace {

/// Least multiplications for a second thread. With fewer, the thread costs more than it saves.
constexpr double kWorkPerTask = 200'000;
/// Bytes of queries and sums of one unit of prefill, if there are enough units for the threads. Each unit reads all
/// keys and values that its rows see, so more rows are better while they fit the second-level cache.
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
            // Units of one head follow each other, so that they find the head's keys and values in a cache. The last
            // rows see the most slots, so their units go first: no thread then gets a long unit at the end.
            const std::int64_t head = i / blocks();
            const std::int64_t first = (blocks() - 1 - i % blocks()) * unit;
            const RowBlock block = {head / attention.kv_heads, head % attention.kv_heads, first,
                                    std::min(unit, rows - first)};
            kernels.prefill(attention, block, scratch + each * static_cast<std::size_t>(task));
        }
    });
}

bool decode(const Attention& attention) {
    const AttentionKernels& kernels = *instruction_set().attention;
    const std::int64_t segments = std::max<std::int64_t>((attention.slots + kSegment - 1) / kSegment, 1);
    const std::int64_t tasks = std::min(tasks_for(attention, 1), segments);
    const auto count = static_cast<std::size_t>(segments);
    const auto heads = whole_lines(static_cast<std::size_t>(attention.query_heads));
    const std::size_t values =
        static_cast<std::size_t>(attention.query_heads) * whole_lines(static_cast<std::size_t>(attention.dim));
    const std::size_t each = values + 2 * heads;
    const std::size_t list = whole_lines(count * sizeof(Partial) / sizeof(float));
    const std::size_t loops = whole_lines(kernels.decode_scratch(attention));
    float* scratch = scratch_of_thread(list + each * count + loops * static_cast<std::size_t>(tasks));
    if (scratch == nullptr) return false;

    auto* partials = reinterpret_cast<Partial*>(scratch);
    for (std::size_t i = 0; i < count; ++i) {
        float* part = scratch + list + each * i;
        new (partials + i) Partial{part + values, part + values + heads, part};
    }
    float* working = scratch + list + each * count;
    for (std::int64_t batch = 0; batch < attention.batch; ++batch) {
        std::atomic<std::int64_t> next{0};
        const bool ran = run_tasks(tasks, [&](std::int64_t task) {
            for (std::int64_t i = next.fetch_add(1); i < segments; i = next.fetch_add(1)) {
                const SlotRange range = {batch, i * kSegment, std::min((i + 1) * kSegment, attention.slots)};
                kernels.decode(attention, range, partials[i], working + loops * static_cast<std::size_t>(task));
            }
        });
        if (!ran) return false;
        kernels.join(attention, batch, partials, segments);
    }
    return true;
}

}  // namespace

bool attend(const Attention& attention) {
    if (attention.batch == 0 || attention.tokens == 0 || attention.query_heads == 0 || attention.dim == 0) return true;
    return attention.tokens == 1 ? decode(attention) : prefill(attention);
}

}  // namespace wyvern::kernels
