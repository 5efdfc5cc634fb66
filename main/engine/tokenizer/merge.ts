/** Merges adjacent tokens, lowest rank first, leftmost among equals. All byte-pair encodings share this. */

/** Which pairs of ids merge. */
export interface Merges {
  /** Returns the pair's slot, for the other two functions. */
  slot(left: number, right: number): number;
  /** −1 if the pair does not merge. */
  rankAt(slot: number): number;
  mergedAt(slot: number): number;
}

/** Pairs of text in descending priority: `a b`, or two strings. */
export type ListedMerges = readonly (string | readonly [string, string])[];

/** (left id, right id) → rank and merged id: an open-addressing hash in typed arrays. */
export class MergeTable implements Merges {
  readonly #mask: number;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  /** Rank + 1; 0 is an empty slot. */
  readonly #rank: Int32Array;
  readonly #merged: Int32Array;

  /** Pairs whose parts or product are not in the vocabulary never apply. */
  constructor(vocabulary: ReadonlyMap<string, number>, merges: ListedMerges) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, merges.length * 2)));
    this.#mask = slots - 1;
    this.#left = new Int32Array(slots);
    this.#right = new Int32Array(slots);
    this.#rank = new Int32Array(slots);
    this.#merged = new Int32Array(slots);
    merges.forEach((merge, rank) => {
      const [first, second] = typeof merge === 'string' ? splitMerge(merge) : merge;
      const left = vocabulary.get(first);
      const right = vocabulary.get(second);
      const merged = vocabulary.get(first + second);
      if (left !== undefined && right !== undefined && merged !== undefined) this.#add(left, right, rank, merged);
    });
  }

  slot(left: number, right: number): number {
    let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) & this.#mask;
    while (this.#rank[slot] !== 0 && (this.#left[slot] !== left || this.#right[slot] !== right)) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  rankAt(slot: number): number {
    return (this.#rank[slot] ?? 0) - 1;
  }

  mergedAt(slot: number): number {
    return this.#merged[slot] ?? 0;
  }

  #add(left: number, right: number, rank: number, merged: number): void {
    const slot = this.slot(left, right);
    // If a pair is listed twice, the later rank counts, as in a dictionary.
    this.#left[slot] = left;
    this.#right[slot] = right;
    this.#rank[slot] = rank + 1;
    this.#merged[slot] = merged;
  }
}

function splitMerge(merge: string): [string, string] {
  const space = merge.indexOf(' ');
  return [merge.slice(0, space), merge.slice(space + 1)];
}

const maxRememberedPairs = 500_000;

/**
 * Merges of a vocabulary whose ids are its ranks, as in tiktoken: two tokens merge if their joined text is a token. Pairs are
 * looked up on demand and cached, because a list of all pairs takes time quadratic in the longest token.
 */
export class RankedMerges implements Merges {
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #texts: readonly string[];
  readonly #longest: number;
  readonly #remembered = new Map<number, number>();

  constructor(ranks: ReadonlyMap<string, number>) {
    const texts: string[] = [];
    let longest = 0;
    for (const [text, rank] of ranks) {
      texts[rank] = text;
      longest = Math.max(longest, text.length);
    }
    this.#ranks = ranks;
    this.#texts = texts;
    this.#longest = longest;
  }

  /** The merged id, or −1. */
  slot(left: number, right: number): number {
    // Ids stay below 2²⁰, so this is exact.
    const key = left * 2 ** 20 + right;
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const [first = '', second = ''] = [this.#texts[left], this.#texts[right]];
    const merged = first.length + second.length > this.#longest ? -1 : (this.#ranks.get(first + second) ?? -1);
    if (this.#remembered.size >= maxRememberedPairs) this.#remembered.clear();
    this.#remembered.set(key, merged);
    return merged;
  }

  rankAt(slot: number): number {
    return slot;
  }

  mergedAt(slot: number): number {
    return slot;
  }
}

/** Merges the lowest rank first, over a linked list of symbols and a heap of candidate pairs: O(n log n). */
export function mergeAll(ids: readonly number[], merges: Merges): number[] {
  if (ids.length < 2) return [...ids];
  const symbol = Int32Array.from(ids);
  const next = Int32Array.from(ids, (_, index) => (index + 1 < ids.length ? index + 1 : -1));
  const previous = Int32Array.from(ids, (_, index) => index - 1);
  const alive = new Uint8Array(ids.length).fill(1);
  const heap = new PairHeap();
  const rankOf = (at: number): number => {
    const after = next[at] ?? -1;
    return after < 0 ? -1 : merges.rankAt(merges.slot(symbol[at] ?? 0, symbol[after] ?? 0));
  };
  const offer = (at: number): void => {
    const rank = at < 0 ? -1 : rankOf(at);
    if (rank >= 0) heap.push(rank, at);
  };
  for (let at = 0; at < ids.length; at++) offer(at);
  for (let pair = heap.pop(); pair !== undefined; pair = heap.pop()) {
    const { rank, at } = pair;
    // A candidate is stale after one of its symbols has merged with another.
    if (alive[at] === 0 || rankOf(at) !== rank) continue;
    const gone = next[at] ?? -1;
    symbol[at] = merges.mergedAt(merges.slot(symbol[at] ?? 0, symbol[gone] ?? 0));
    alive[gone] = 0;
    const after = next[gone] ?? -1;
    next[at] = after;
    if (after >= 0) previous[after] = at;
    offer(previous[at] ?? -1);
    offer(at);
  }
  return Array.from(symbol).filter((_, index) => alive[index] === 1);
}

/** A binary heap of (rank, position), smallest first. */
class PairHeap {
  /** rank · 2³² + position: exact in a double, because ranks stay below 2²¹. */
  readonly #keys: number[] = [];

  push(rank: number, at: number): void {
    const keys = this.#keys;
    let index = keys.length;
    const key = rank * 2 ** 32 + at;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = keys[parent] ?? 0;
      if (above <= key) break;
      keys[index] = above;
      index = parent;
    }
    keys[index] = key;
  }

  pop(): { readonly rank: number; readonly at: number } | undefined {
    const keys = this.#keys;
    const [top] = keys;
    const last = keys.pop();
    if (top === undefined || last === undefined) return undefined;
    const size = keys.length;
    if (size > 0) {
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= size) break;
        if (child + 1 < size && (keys[child + 1] ?? 0) < (keys[child] ?? 0)) child++;
        const below = keys[child] ?? 0;
        if (below >= last) break;
        keys[index] = below;
        index = child;
      }
      keys[index] = last;
    }
    return { rank: Math.floor(top / 2 ** 32), at: top % 2 ** 32 };
  }
}
