#include "segmenter.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <unordered_map>

#include "utf8.h"

namespace wyvern {

namespace {

/// What an unknown character costs below the least likely piece.
constexpr float unknown_penalty = 10;
/// Pieces that exist only to be merged further are undone on output; this deep at most, against hostile models.
constexpr int deepest_undo = 100;

/// User-defined symbols beat every segmentation of their text.
float user_defined_score(size_t length) { return static_cast<float>(0.1 * (static_cast<int>(length) - 1)); }

}  // namespace

Segmenter::Segmenter(const PieceModel& model, const Normalizer& normalizer) : model_(model), normalizer_(normalizer) {
    std::vector<std::pair<std::string_view, int32_t>> entries;
    float least = std::numeric_limits<float>::max();
    for (size_t id = 0; id < model.pieces.size(); ++id) {
        const Piece& piece = model.pieces[id];
        const bool in_text =
            piece.kind == PieceKind::normal || piece.kind == PieceKind::user_defined || piece.kind == PieceKind::unused;
        if (in_text) {
            entries.emplace_back(piece.text, static_cast<int32_t>(id));
        }
        if (piece.kind == PieceKind::normal) {
            least = std::min(least, piece.score);
        }
    }
    unknown_score_ = least - unknown_penalty;
    trie_ = PieceTrie(std::move(entries));
}

std::vector<Segment> Segmenter::segment(std::string_view normalized) const {
    return model_.algorithm == PieceModel::Algorithm::bpe ? merge_pairs(normalized) : best_path(normalized);
}

std::vector<Segment> Segmenter::merge_pairs(std::string_view text) const {
    struct Symbol {
        int32_t previous;
        int32_t next;
        bool frozen;
        std::string_view text;
    };
    struct Pair {
        float score;
        int32_t left;
        int32_t right;
        size_t size;
    };
    const auto worse = [](const Pair& a, const Pair& b) {
        return a.score < b.score || (a.score == b.score && a.left > b.left);
    };

    std::vector<Symbol> symbols;
    for (size_t at = 0; at < text.size();) {
        const size_t symbol = normalizer_.symbol_length(text.substr(at));
        const size_t length = symbol > 0 ? symbol : std::min(utf8_length(text[at]), text.size() - at);
        const auto index = static_cast<int32_t>(symbols.size());
        symbols.push_back({index - 1, index + 1, symbol > 0, text.substr(at, length)});
        at += length;
    }
    if (symbols.empty()) {
        return {};
    }
    symbols.back().next = -1;

    std::priority_queue<Pair, std::vector<Pair>, decltype(worse)> agenda(worse);
    std::unordered_map<std::string_view, std::pair<std::string_view, std::string_view>> undo;
    const auto consider = [&](int32_t left, int32_t right) {
        if (left < 0 || right < 0 || symbols[static_cast<size_t>(left)].frozen ||
            symbols[static_cast<size_t>(right)].frozen) {
            return;
        }
        const std::string_view a = symbols[static_cast<size_t>(left)].text;
        const std::string_view b = symbols[static_cast<size_t>(right)].text;
        const std::string_view joined(a.data(), a.size() + b.size());
        const int32_t id = trie_.find(joined);
        if (id == PieceTrie::none) {
            return;
        }
        const Piece& piece = model_.pieces[static_cast<size_t>(id)];
        agenda.push({piece.score, left, right, joined.size()});
        if (piece.kind == PieceKind::unused) {
            undo[joined] = {a, b};
        }
    };
    for (size_t i = 1; i < symbols.size(); ++i) {
        consider(static_cast<int32_t>(i - 1), static_cast<int32_t>(i));
    }
    while (!agenda.empty()) {
        const Pair top = agenda.top();
        agenda.pop();
        Symbol& left = symbols[static_cast<size_t>(top.left)];
        Symbol& right = symbols[static_cast<size_t>(top.right)];
        // One of the two has been merged meanwhile.
        if (left.text.empty() || right.text.empty() || left.text.size() + right.text.size() != top.size) {
            continue;
        }
        left.text = {left.text.data(), top.size};
        left.next = right.next;
        if (right.next >= 0) {
            symbols[static_cast<size_t>(right.next)].previous = top.left;
        }
        right.text = {};
        consider(left.previous, top.left);
        consider(top.left, left.next);
    }

    std::vector<Segment> segments;
    const auto emit = [&](auto& self, std::string_view piece, int depth) -> void {
        const int32_t id = trie_.find(piece);
        const bool unused = id != PieceTrie::none && model_.pieces[static_cast<size_t>(id)].kind == PieceKind::unused;
        if (!unused || depth > deepest_undo) {
            segments.push_back({piece, id == PieceTrie::none ? Segment::unknown : id});
        } else if (const auto parts = undo.find(piece); parts == undo.end()) {
            segments.push_back({piece, Segment::unknown});
        } else {
            self(self, parts->second.first, depth + 1);
            self(self, parts->second.second, depth + 1);
        }
    };
    for (int32_t i = 0; i >= 0; i = symbols[static_cast<size_t>(i)].next) {
        emit(emit, symbols[static_cast<size_t>(i)].text, 0);
    }
    return segments;
}

std::vector<Segment> Segmenter::best_path(std::string_view text) const {
    /// The best way to reach a position: its score and the last piece of it.
    struct Reached {
        float score = 0;
        int32_t id = Segment::unknown;
        ptrdiff_t start = -1;
    };
    std::vector<Reached> reached(text.size() + 1);
    /// Sums this far from 0 lose the precision that decides between pieces, so they are taken back to 0.
    constexpr float reset_threshold = 100'000;
    size_t frontier = 0;
    for (size_t start = 0; start < text.size();) {
        if (const float offset = reached[start].score; offset < -reset_threshold || offset > reset_threshold) {
            for (size_t i = start; i <= frontier; ++i) {
                if (i == start || reached[i].start >= 0) {
                    reached[i].score -= offset;
                }
            }
        }
        const float before = reached[start].score;
        const auto extend = [&](size_t length, int32_t id, float score) {
            Reached& target = reached[start + length];
            frontier = std::max(frontier, start + length);
            if (target.start < 0 || score + before > target.score) {
                target = {score + before, id, static_cast<ptrdiff_t>(start)};
            }
        };
        const size_t character = std::min(utf8_length(text[start]), text.size() - start);
        bool character_known = false;
        trie_.prefixes(text.substr(start), [&](size_t length, int32_t id) {
            const Piece& piece = model_.pieces[static_cast<size_t>(id)];
            if (piece.kind == PieceKind::unused) {
                return;
            }
            extend(length, id, piece.kind == PieceKind::user_defined ? user_defined_score(length) : piece.score);
            character_known = character_known || length == character;
        });
        if (!character_known) {
            extend(character, Segment::unknown, unknown_score_);
        }
        start += character;
    }
    std::vector<Segment> segments;
    for (size_t end = text.size(); end > 0;) {
        const Reached& last = reached[end];
        const auto start = static_cast<size_t>(last.start);
        segments.push_back({text.substr(start, end - start), last.id});
        end = start;
    }
    std::reverse(segments.begin(), segments.end());
    return segments;
}

}  // namespace wyvern
