#include "caches.h"

#include <algorithm>

namespace wyvern {

namespace {

/// Room for `slots` slots of the value zero.
std::vector<std::byte> zeros(const CacheShape& shape, const Encoding& encoding, size_t slots) {
    std::vector<std::byte> bytes(shape.heads * shape.head_dim * slots * shape.element_bytes);
    if (shape.element_bytes == 1) {
        std::fill(bytes.begin(), bytes.end(), static_cast<std::byte>(encoding.encode(0)));
    }
    return bytes;
}

}  // namespace

Caches::Caches(const BundlePlan& plan) {
    slots_ = plan.contexts.back() - 1;
    for (const PartGraph& part : plan.steps.front().parts) {
        places_.push_back(part.caches);
        std::vector<Memory>& memory = memory_.emplace_back();
        for (const CachePlace& place : part.caches) {
            memory.push_back({zeros(place.key, place.key_encoding, slots_),
                              zeros(place.value, place.value_encoding, slots_),
                              zeros(place.key, place.key_encoding, plan.prefill_ar),
                              zeros(place.value, place.value_encoding, plan.prefill_ar)});
        }
    }
}

void Caches::bind(const PartGraph& graph, size_t part, BoundGraph& bound) {
    for (size_t i = 0; i < graph.caches.size(); ++i) {
        const CachePlace& place = graph.caches[i];
        Memory& memory = memory_[part][i];
        bound.bind_input(place.key_in, memory.key.data());
        bound.bind_input(place.value_in, memory.value.data());
        bound.bind_output(place.key_out, memory.fresh_key.data());
        bound.bind_output(place.value_out, memory.fresh_value.data());
    }
}

void Caches::use_layout(size_t slots, size_t used) {
    if (slots == slots_) {
        return;
    }
    for (size_t part = 0; part < places_.size(); ++part) {
        for (size_t i = 0; i < places_[part].size(); ++i) {
            const CachePlace& place = places_[part][i];
            repack_keys(place.key, memory_[part][i].key.data(), slots_, slots, used);
            repack_values(place.value, memory_[part][i].value.data(), slots_, slots, used);
        }
    }
    slots_ = slots;
}

void Caches::append(size_t part, size_t ar, size_t position, size_t count) {
    for (size_t i = 0; i < places_[part].size(); ++i) {
        const CachePlace& place = places_[part][i];
        Memory& memory = memory_[part][i];
        append_keys(place.key, memory.key.data(), slots_, memory.fresh_key.data(), ar, position, count);
        append_values(place.value, memory.value.data(), slots_, memory.fresh_value.data(), ar, position, count);
    }
}

}  // namespace wyvern
