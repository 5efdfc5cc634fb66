#pragma once

#include <string>
#include <vector>

namespace wyvern::cage {

/// Leaves only `readable`, the system's libraries and the facts that the C library reads, and no place to write except
/// `/dev/null`, and `/dev/shm` if `shared_memory`. Uses Landlock (Linux 5.13).
/// @returns an empty string, or why it could not
std::string restrict_files(const std::vector<std::string>& readable, bool shared_memory);

/// Whether this kernel's Landlock restricts the length of files too (version 3, Linux 6.2).
bool restricts_truncation();

}  // namespace wyvern::cage
