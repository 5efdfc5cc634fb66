#include "piece_trie.h"

#include <algorithm>

namespace wyvern {

PieceTrie::PieceTrie(std::vector<std::pair<std::string_view, int32_t>> entries) {
    if (entries.empty()) {
        return;
    }
    std::sort(entries.begin(), entries.end());
    // Breadth first: a node's entries are a range of the sorted ones that agree in their first `depth` bytes.
    struct Range {
        size_t begin;
        size_t end;
        size_t depth;
    };
    std::vector<Range> ranges{{0, entries.size(), 0}};
    nodes_.emplace_back();
    for (size_t node = 0; node < nodes_.size(); ++node) {
        auto [begin, end, depth] = ranges[node];
        if (entries[begin].first.size() == depth) {
            nodes_[node].id = entries[begin].second;
            ++begin;
        }
        nodes_[node].first_child = static_cast<uint32_t>(nodes_.size());
        while (begin < end) {
            const char label = entries[begin].first[depth];
            size_t next = begin;
            while (next < end && entries[next].first[depth] == label) {
                ++next;
            }
            ranges.push_back({begin, next, depth + 1});
            nodes_.push_back({0, 0, static_cast<uint8_t>(label), none});
            begin = next;
        }
        nodes_[node].children = static_cast<uint16_t>(nodes_.size() - nodes_[node].first_child);
    }
}

uint32_t PieceTrie::child(uint32_t node, uint8_t label) const {
    const auto begin = nodes_.begin() + nodes_[node].first_child;
    const auto end = begin + nodes_[node].children;
    const auto found = std::lower_bound(begin, end, label, [](const Node& a, uint8_t b) { return a.label < b; });
    return found != end && found->label == label ? static_cast<uint32_t>(found - nodes_.begin()) : 0;
}

int32_t PieceTrie::find(std::string_view text) const {
    int32_t result = none;
    prefixes(text, [&](size_t length, int32_t id) { result = length == text.size() ? id : none; });
    return result;
}

size_t PieceTrie::longest_prefix(std::string_view text) const {
    size_t longest = 0;
    prefixes(text, [&](size_t length, int32_t) { longest = length; });
    return longest;
}

}  // namespace wyvern
