/// \file
/// File descriptors of the C runtime, as far as `OutputCapture` needs them. Nothing here fails loudly: a process without
/// standard output, as a GUI program may be, captures nothing.
#pragma once

#include <string>

namespace wyvern {

/// An empty file without a name that vanishes with the process; less than 0 if there can be none.
int open_unnamed_file();

/// Makes `descriptor` write to `file`. Returns a duplicate of what it was; less than 0 if it was not open.
int redirect(int descriptor, int file);

/// Undoes `redirect` and closes the duplicate.
void restore(int descriptor, int original);

/// Reads all of a file, and empties it.
std::string take_contents(int file);

}  // namespace wyvern
