#pragma once

#include <cstddef>
#include <cstdint>

#include "attention.h"

namespace wyvern::kernels {

/// A unit of prefill: query rows of one KV head and batch row. Row `r` of the head is token `r / group`, query head
/// `kv_head * group + r % group`, so that all rows of a unit read the same keys and values.
struct RowBlock {
    std::int64_t batch;
    std::int64_t kv_head;
    std::int64_t first;
    std::int64_t count;
};

/// Slots of one segment: their weighted values are summed together. Prefill and decode both join the sums of segments
/// in order, from the first. So a token has the same result in both, for every number of threads.
inline constexpr std::int64_t kSegment = 128;

/// A unit of decode: slots `[first, last)` of one segment of one batch row, for all heads, so that decode reads the
/// cache once, in order.
struct SlotRange {
    std::int64_t batch;
    std::int64_t first;
    std::int64_t last;
};

/// Decode's partial result for a segment, for each query head.
struct Partial {
    /// Greatest score, in units of log2; `kNoScore` if the head saw no slot.
    float* greatest;
    /// Sum of 2^(score − greatest).
    float* sum;
    /// `[query heads, dim rounded up to 16]`: values weighted by 2^(score − greatest).
    float* values;
};

/// Below every real score, but finite, so that a difference is never NaN.
inline constexpr float kNoScore = -1e30f;

/// The inner loops, compiled for one instruction set.
struct AttentionKernels {
    /// Query rows that one register tile holds. Units of prefill work best with whole tiles.
    std::int64_t tile_rows;
    /// Floats of scratch that a unit of at most `rows` rows needs.
    std::size_t (*prefill_scratch)(const Attention& attention, std::int64_t rows);
    /// Computes the unit and writes its part of `attention.out`.
    void (*prefill)(const Attention& attention, const RowBlock& block, float* scratch);
    std::size_t (*decode_scratch)(const Attention& attention);
    /// `attention.tokens` must be 1.
    void (*decode)(const Attention& attention, const SlotRange& range, const Partial& partial, float* scratch);
    /// Joins the partial results of `count` segments, in order, into the first one, and writes the batch row's output.
    void (*join)(const Attention& attention, std::int64_t batch, const Partial* partials, std::int64_t count);
};

extern const AttentionKernels kPortableKernels;
#if defined(__x86_64__) || defined(_M_X64)
extern const AttentionKernels kAvx2Kernels;
extern const AttentionKernels kAvx512Kernels;
#elif defined(__aarch64__) || defined(_M_ARM64)
extern const AttentionKernels kNeonKernels;
#endif

}  // namespace wyvern::kernels
