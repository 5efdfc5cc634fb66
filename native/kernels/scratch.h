#pragma once

#include <cstddef>

namespace wyvern::kernels {

/// Working memory of at least `floats` floats, 64-byte aligned, that lives as long as the calling thread and only
/// grows, so that no call pays for fresh pages. Null if there is no memory. The next call on the thread gives the same
/// memory.
float* scratch_of_thread(std::size_t floats);

/// `floats` rounded up to whole cache lines, so that parts cut out of the scratch stay aligned.
constexpr std::size_t whole_lines(std::size_t floats) { return (floats + 15) / 16 * 16; }

}  // namespace wyvern::kernels
