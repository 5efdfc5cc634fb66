#if !defined(__linux__) && !defined(_WIN32)

#include "cage.h"

namespace wyvern {

Cage enter_cage(const CageOptions&) {
    Cage cage;
    cage.missing.push_back("Wyvern has no cage for this system.");
    return cage;
}

}  // namespace wyvern

#endif
