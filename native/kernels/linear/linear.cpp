#include "linear.h"

#include <algorithm>
#include <atomic>

#include "../instruction_set.h"
#include "../parallel.h"
#include "../scratch.h"
#include "linear_kernels.h"

namespace wyvern::kernels {

namespace {

/// Multiplications below which a second thread costs more than it saves.
constexpr std::int64_t kWorkPerTask = 100'000;
/// Least rows of inputs for which rounding on several threads is faster.
constexpr std::int64_t kRowsPerTask = 8;

/// Returns the floats that hold `bytes`, rounded up to whole cache lines.
std::size_t floats_for(std::int64_t bytes) {
    return whole_lines((static_cast<std::size_t>(bytes) + sizeof(float) - 1) / sizeof(float));
}

/// Returns whether an output needs rounded inputs.
bool rounds_inputs(const Linear& linear) {
    return std::any_of(linear.outputs, linear.outputs + linear.count,
                       [](const LinearOutput& output) { return rounds_inputs(output.weight.type); });
}

/// Cuts the buffers of the rounded rows out of `scratch`; with null it only measures. Returns the floats used.
std::size_t lay_out(const Linear& linear, float* scratch, InputRows& x) {
    x.units = linear.width / kUnit;
    x.tile = std::min(linear.tokens, kTileRows);
    const std::int64_t entries = (x.rows + x.tile - 1) / x.tile * x.tile * x.units;
    const std::size_t values = floats_for(entries * kUnit);
    const std::size_t sums = floats_for(entries * static_cast<std::int64_t>(sizeof(HalfSums)));
    const std::size_t scales = floats_for(entries * static_cast<std::int64_t>(sizeof(float)));
    std::size_t used = 0;
    const auto take = [&](std::size_t floats) {
        used += floats;
        return scratch == nullptr ? nullptr : scratch + used - floats;
    };
    x.values = reinterpret_cast<std::int8_t*>(take(values));
    x.sums = reinterpret_cast<HalfSums*>(take(sums));
    if (linear.fine) {
        x.fine_values = reinterpret_cast<std::int8_t*>(take(values));
        x.fine_sums = reinterpret_cast<HalfSums*>(take(sums));
    }
    x.scales = take(scales);
    x.scaled_sums = take(scales);
    return used;
}

/// Clears the rows that fill up the last tile.
void clear_missing_rows(const InputRows& x) {
    const std::int64_t tiles = (x.rows + x.tile - 1) / x.tile;
    const std::int64_t used = x.rows - (tiles - 1) * x.tile;
    for (std::int64_t unit = 0; unit < x.units; ++unit) {
        const std::int64_t at = ((tiles - 1) * x.units + unit) * x.tile;
        for (std::int64_t i = at + used; i < at + x.tile; ++i) {
            std::fill_n(x.values + i * kUnit, kUnit, std::int8_t{0});
            x.sums[i] = {};
            x.scales[i] = x.scaled_sums[i] = 0;
            if (x.fine_values == nullptr) continue;
            std::fill_n(x.fine_values + i * kUnit, kUnit, std::int8_t{0});
            x.fine_sums[i] = {};
        }
    }
}

/// Rounds all rows on up to `tasks` threads. Returns false if the threads have no memory.
bool round_rows(const LinearKernels& kernels, const InputRows& x, std::int64_t tasks) {
    const std::int64_t rounders = std::clamp<std::int64_t>(x.rows / kRowsPerTask, 1, tasks);
    const std::int64_t share = (x.rows + rounders - 1) / rounders;
    clear_missing_rows(x);
    return run_tasks(rounders, [&](std::int64_t task) {
        kernels.round(x, std::min(task * share, x.rows), std::min((task + 1) * share, x.rows));
    });
}

/// Counts the groups of all outputs, one output after another.
std::int64_t all_groups(const Linear& linear) {
    std::int64_t count = 0;
    for (int i = 0; i < linear.count; ++i) count += linear.outputs[i].weight.groups();
    return count;
}

/// Calls `run(output, first, last)` for the groups `[begin, end)` of all outputs.
template <class Run>
void for_groups(const Linear& linear, std::int64_t begin, std::int64_t end, Run run) {
    for (int i = 0; i < linear.count && begin < end; ++i) {
        const std::int64_t groups = linear.outputs[i].weight.groups();
        if (begin < groups) run(linear.outputs[i], begin, std::min(end, groups));
        begin = std::max<std::int64_t>(begin - groups, 0);
        end -= groups;
    }
}

}  // namespace

bool multiply(const Linear& linear) {
    const std::int64_t groups = all_groups(linear);
    if (linear.tokens == 0 || groups == 0) return true;
    const LinearKernels& kernels = *instruction_set().linear;
    const std::int64_t work = groups * kGroupRows * linear.width * linear.tokens;
    const std::int64_t tasks = std::clamp<std::int64_t>(std::min(work / kWorkPerTask, groups), 1, thread_count());

    InputRows x{};
    x.input = linear.input;
    x.width = linear.width;
    x.rows = linear.tokens;
    const bool does_round = rounds_inputs(linear);
    const std::size_t each = linear.tokens == 1 || !does_round ? 0 : floats_for(kWidenedBytes);
    const std::size_t rounded = does_round ? lay_out(linear, nullptr, x) : 0;
    float* scratch = does_round ? scratch_of_thread(rounded + each * static_cast<std::size_t>(tasks)) : nullptr;
    if (does_round) {
        if (scratch == nullptr) return false;
        lay_out(linear, scratch, x);
        if (!round_rows(kernels, x, tasks)) return false;
    }

    // Several pieces for each thread: if another program delays one thread, the others take its pieces.
    const std::int64_t longest = linear.tokens == 1 ? 16 : does_round ? 1 : 2;
    const std::int64_t piece = std::clamp<std::int64_t>(groups / (tasks * 4), 1, longest);
    std::atomic<std::int64_t> next{0};
    return run_tasks(tasks, [&](std::int64_t task) {
        float* widened = scratch + rounded + each * static_cast<std::size_t>(task);
        for (std::int64_t i = next.fetch_add(piece); i < groups; i = next.fetch_add(piece)) {
            for_groups(linear, i, std::min(i + piece, groups),
                       [&](const LinearOutput& output, std::int64_t first, std::int64_t last) {
                           const LinearKernel& kernel = kernels.of_type[static_cast<int>(output.weight.type)];
                           if (linear.tokens == 1) return kernel.one(x, output, first, last);
                           kernel.many(x, output, first, last, widened);
                       });
        }
    });
}

}  // namespace wyvern::kernels
