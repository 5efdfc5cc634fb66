#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "normalizer.h"
#include "piece_model.h"
#include "piece_trie.h"

namespace wyvern {

/// A stretch of normalized text and its piece; `unknown` if it is none.
struct Segment {
    static constexpr int32_t unknown = -1;

    std::string_view text;
    int32_t id;
};

/// Cuts normalized text into pieces: the algorithms of SentencePiece, with its order of ties, so that ids agree with
/// upstream's. Control, unknown and byte pieces are never found in text. Model and normalizer must outlive it.
class Segmenter {
 public:
    Segmenter(const PieceModel& model, const Normalizer& normalizer);

    std::vector<Segment> segment(std::string_view normalized) const;

 private:
    /// Byte pair encoding: again and again the best-scored adjacent pair that is a piece, the leftmost among equals.
    std::vector<Segment> merge_pairs(std::string_view text) const;
    /// Unigram language model: the segmentation with the highest sum of scores (Viterbi).
    std::vector<Segment> best_path(std::string_view text) const;

    const PieceModel& model_;
    const Normalizer& normalizer_;
    /// Normal, user-defined and unused pieces.
    PieceTrie trie_;
    float unknown_score_ = 0;
};

}  // namespace wyvern
