#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "piece_model.h"
#include "piece_trie.h"

namespace wyvern {

/// Turns text into what the pieces were trained on: character rules (usually a kind of NFKC), spaces as `▁`,
/// user-defined symbols untouched.
///
/// `precompiled_charsmap` is: size of the trie in bytes (uint32), the trie (double array of Darts-clone, uint32 units,
/// a multiple of 256 of them), the replacements, each ended by a zero byte; the trie's values are offsets into them.
/// All little-endian.
class Normalizer {
 public:
    /// Throws `tokenizer-invalid`. The model must outlive the normalizer.
    explicit Normalizer(const PieceModel& model);

    std::string normalize(std::string_view text) const;

    /// Whether a user-defined symbol starts here: its length, else 0.
    size_t symbol_length(std::string_view text) const { return symbols_.longest_prefix(text); }

 private:
    struct Replaced {
        std::string_view by;
        size_t consumed;
    };

    void read_charsmap(std::string_view charsmap);
    Replaced replace_prefix(std::string_view text) const;
    Replaced apply_rules(std::string_view text) const;

    const PieceModel& model_;
    PieceTrie symbols_;
    std::vector<uint32_t> units_;
    std::string_view replacements_;
};

}  // namespace wyvern
