#pragma once

#include <string>

namespace wyvern::cage {

/// Returns 0 or an `errno`. It runs in a signal handler, so it may only make system calls.
using ThreadAction = int (*)(int argument) noexcept;

/// Runs `action(argument)` once on every thread of this process, the calling one last. Linux's Landlock restricts
/// single threads, and Node has started some before the addon runs. A new thread inherits the restriction from the
/// thread that starts it, so this ends when a whole pass finds no other thread.
///
/// @returns an empty string, or why not every thread did it, e.g. because one blocks all signals
std::string run_on_every_thread(ThreadAction action, int argument);

}  // namespace wyvern::cage
