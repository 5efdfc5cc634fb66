#pragma once

#include <cstddef>
#include <cstdint>

namespace wyvern {

/// Physical cores of the fastest kind that this process may run on, at least 1. Two threads of one core share its
/// vector units, and efficiency cores delay the fast ones at every barrier, so neither counts.
size_t performance_cores();

/// Bytes of memory in this machine; 0 if unknown.
uint64_t physical_memory();

/// Returns freed memory to the system, where the C library would keep it. Loading frees as much memory as it keeps.
void release_freed_memory();

}  // namespace wyvern
