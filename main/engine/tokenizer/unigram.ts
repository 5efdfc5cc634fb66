/**
 * The Unigram model of `tokenizer.json`: the pieces with the highest sum of scores (Viterbi). Ties are resolved as in the
 * `tokenizers` library, so that the ids agree.
 */
import { byteTokens } from './byte-tokens.ts';

export interface UnigramOptions {
  /** By id. */
  readonly pieces: readonly (readonly [piece: string, score: number])[];
  /** The pieces that text may become, without control tokens. */
  readonly reachable: ReadonlyMap<string, number>;
  readonly unknownId: number | undefined;
  readonly byteFallback: boolean;
}

/** The score of an unknown character is this much below that of the worst piece. */
const unknownPenalty = 10;

export function unigram(options: UnigramOptions): (word: string) => number[] {
  const { pieces, reachable, unknownId } = options;
  const prefixes = new PrefixSearch([...reachable]);
  const unknownScore = pieces.reduce((least, [, score]) => Math.min(least, score), 0) - unknownPenalty;
  const bytesOf = options.byteFallback ? byteTokens(reachable) : undefined;

  return (word) => {
    const score = new Float64Array(word.length + 1);
    /** Start of the best piece that ends here; −1 if there is none. */
    const from = new Int32Array(word.length + 1).fill(-1);
    const id = new Int32Array(word.length + 1).fill(unknown);
    const offer = (start: number, end: number, piece: number, pieceScore: number): void => {
      const total = (score[start] ?? 0) + pieceScore;
      if ((from[end] ?? -1) >= 0 && total <= (score[end] ?? 0)) return;
      score[end] = total;
      from[end] = start;
      id[end] = piece;
    };
    for (let start = 0; start < word.length;) {
      const next = start + ((word.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      const ends: number[] = [];
      prefixes.each(word, start, (end, piece) => {
        offer(start, end, piece, pieces[piece]?.[1] ?? 0);
        ends.push(end);
      });
      if (!ends.includes(next)) offer(start, next, unknown, unknownScore);
      start = next;
    }
    const ids: number[] = [];
    for (let end = word.length; end > 0;) {
      const piece = id[end] ?? unknown;
      let start = from[end] ?? 0;
      if (piece === unknown) {
        // A run of unknown characters becomes one unknown token.
        while (start > 0 && id[start] === unknown) start = from[start] ?? 0;
        const bytes = bytesOf?.(word.slice(start, end));
        if (bytes !== undefined) ids.push(...bytes.reverse());
        else if (unknownId !== undefined) ids.push(unknownId);
      } else ids.push(piece);
      end = start;
    }
    return ids.reverse();
  };
}

const unknown = -1;

/** Finds every entry that is a prefix of a text, shortest first, by narrowing a range of the sorted entries. */
class PrefixSearch {
  readonly #texts: readonly string[];
  readonly #values: Int32Array;

  constructor(entries: readonly (readonly [text: string, value: number])[]) {
    const sorted = entries.filter(([text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#texts = sorted.map(([text]) => text);
    this.#values = Int32Array.from(sorted, ([, value]) => value);
  }

  each(text: string, start: number, found: (end: number, value: number) => void): void {
    let low = 0;
    let high = this.#texts.length;
    for (let at = start; at < text.length; at++) {
      const depth = at - start;
      const unit = text.charCodeAt(at);
      low = this.#firstAtLeast(low, high, depth, unit);
      high = this.#firstAtLeast(low, high, depth, unit + 1);
      if (low === high) return;
      // The entry that ends here sorts before longer entries with this prefix.
      if (this.#texts[low]?.length === depth + 1) found(at + 1, this.#values[low] ?? unknown);
    }
  }

  #firstAtLeast(low: number, high: number, depth: number, unit: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >> 1;
      const there = this.#texts[middle] ?? '';
      // An entry that ended earlier sorts before all others of its range.
      if (there.length <= depth || there.charCodeAt(depth) < unit) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
