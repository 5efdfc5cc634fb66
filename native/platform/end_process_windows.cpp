#include <windows.h>

#include <cstdlib>

#include "end_process.h"

namespace wyvern {

/// `ExitProcess` would end the other threads and then call each library.
void end_process(int status) {
    TerminateProcess(GetCurrentProcess(), static_cast<UINT>(status));
    std::abort();
}

}  // namespace wyvern
