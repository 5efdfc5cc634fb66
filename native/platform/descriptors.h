/// \file
/// File descriptors of the C runtime for `OutputCapture`. No function throws: a process without standard output, such as a
/// GUI program, captures nothing.
#pragma once

#include <string>

namespace wyvern {

/// Opens an empty file without a name, which disappears with the process; less than 0 if that fails.
int open_unnamed_file();

/// Makes `descriptor` write to `file`. Returns a duplicate of the old descriptor; less than 0 if it was not open.
int redirect(int descriptor, int file);

/// Undoes `redirect` and closes the duplicate.
void restore(int descriptor, int original);

/// Reads a whole file and empties it.
std::string take_contents(int file);

}  // namespace wyvern
