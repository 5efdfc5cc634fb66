#include "qnn_hold.h"

#include <atomic>

namespace wyvern {

namespace {

std::atomic<int> holds{0};

}  // namespace

void QnnHold::take() {
    if (!held_) {
        ++holds;
        held_ = true;
    }
}

void QnnHold::release() {
    if (held_) {
        --holds;
        held_ = false;
    }
}

bool qnn_is_held() { return holds > 0; }

}  // namespace wyvern
