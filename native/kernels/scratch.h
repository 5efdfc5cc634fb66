#pragma once

#include <cstddef>

namespace wyvern::kernels {

/// Returns working memory of at least `floats` floats, 64-byte aligned, or null if there is no memory. It belongs to
/// the calling thread, lives as long as it, and only grows, so that no call pays for fresh pages. The next call on the
/// thread returns the same memory.
float* scratch_of_thread(std::size_t floats);

/// Rounds `floats` up to whole cache lines, so that parts cut out of the scratch stay aligned.
constexpr std::size_t whole_lines(std::size_t floats) { return (floats + 15) / 16 * 16; }

}  // namespace wyvern::kernels
