#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace wyvern {

/// Strings with ids, for finding all that a text starts with. The strings need not outlive construction.
class PieceTrie {
 public:
    static constexpr int32_t none = -1;

    PieceTrie() = default;
    explicit PieceTrie(std::vector<std::pair<std::string_view, int32_t>> entries);

    bool empty() const { return nodes_.empty(); }

    /// Calls `found(length, id)` for every entry that `text` starts with, shortest first.
    template <typename Found>
    void prefixes(std::string_view text, Found found) const {
        uint32_t node = 0;
        for (size_t i = 0; i < text.size() && !nodes_.empty(); ++i) {
            node = child(node, static_cast<uint8_t>(text[i]));
            if (node == 0) {
                return;
            }
            if (nodes_[node].id != none) {
                found(i + 1, nodes_[node].id);
            }
        }
    }

    /// Id of exactly this string, or `none`.
    int32_t find(std::string_view text) const;

    /// Length of the longest entry that `text` starts with, or 0.
    size_t longest_prefix(std::string_view text) const;

 private:
    /// Children of a node lie side by side, ordered by label.
    struct Node {
        uint32_t first_child = 0;
        uint16_t children = 0;
        uint8_t label = 0;
        int32_t id = none;
    };

    /// The child for a byte, or 0: the root is nobody's child.
    uint32_t child(uint32_t node, uint8_t label) const;

    std::vector<Node> nodes_;
};

}  // namespace wyvern
