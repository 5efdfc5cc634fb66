#include "cage.h"
#include "files.h"
#include "system_calls.h"

namespace wyvern {

Cage enter_cage(const CageOptions& options) {
    Cage cage;
    const bool truncation = cage::restricts_truncation();
    std::string no_landlock = "It was not asked for";
    if (options.landlock) {
        no_landlock = cage::restrict_files(options.readable, options.shared_memory);
    }
    const bool landlock = no_landlock.empty();
    std::string no_seccomp = "It was not asked for";
    if (options.seccomp) {
        no_seccomp = cage::restrict_system_calls(landlock || options.shared_memory);
    }
    const bool seccomp = no_seccomp.empty();
    cage.reads = landlock;
    cage.writes = seccomp ? landlock || !options.shared_memory : landlock && truncation;
    cage.connections = seccomp;
    cage.processes = seccomp;
    if (!landlock) {
        cage.missing.push_back("Landlock: " + no_landlock + ".");
    }
    if (landlock && !seccomp && !truncation) {
        cage.missing.push_back("Landlock: this kernel’s version lets files be cut.");
    }
    if (!seccomp) {
        cage.missing.push_back("seccomp: " + no_seccomp + ".");
    }
    return cage;
}

}  // namespace wyvern
