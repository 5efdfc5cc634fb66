#pragma once

#include <string>

namespace wyvern::cage {

/// Refuses, on every thread, the system calls that no model needs: sockets, programs, other processes, changes to the
/// system. Uses seccomp.
/// @param writes whether files may still be opened for writing; false where no other layer forbids it
/// @returns an empty string, or why it could not
std::string restrict_system_calls(bool writes);

}  // namespace wyvern::cage
