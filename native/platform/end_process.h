#pragma once

namespace wyvern {

/// Ends the process at once: no exit handler runs and no library is unloaded.
[[noreturn]] void end_process(int status);

}  // namespace wyvern
