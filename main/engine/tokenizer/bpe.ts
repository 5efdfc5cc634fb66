/**
 * Byte-pair encoding over token ids. The library's own keeps every merge as a string; at a vocabulary of 128,000 that is
 * some 100 MB beside a model of a few hundred. Here merges lie in typed arrays, and ids are what is merged.
 * Semantics are those of Hugging Face's `BPE` model: lowest rank first, leftmost among equals.
 */

export interface BpeOptions {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs by falling priority: `a b`, or the two apart. Pairs whose parts or product are not in the vocabulary never apply. */
  readonly merges: readonly (string | readonly [string, string])[];
  readonly unknownId: number | undefined;
  /** A run of unknown characters is one unknown token. */
  readonly fuseUnknown: boolean;
  /** Unknown characters become `<0x..>` tokens of their UTF-8 bytes, where the vocabulary has them all. */
  readonly byteFallback: boolean;
  /** A word that is in the vocabulary is one token, whatever the merges say. */
  readonly ignoreMerges: boolean;
}

/** Encodes one word, as the pre-tokenizer cuts them. */
export type EncodeWord = (word: string) => readonly number[];

const maxRememberedWords = 10_000;
const maxRememberedLength = 64;

export function bpe(options: BpeOptions): EncodeWord {
  const { vocabulary, ignoreMerges } = options;
  const merges = new MergeTable(options);
  const byteIds = options.byteFallback ? byteTokens(vocabulary) : undefined;
  const remembered = new Map<string, readonly number[]>();

  /** Ids of single characters, before merging. */
  const split = (word: string): number[] => {
    const ids: number[] = [];
    let afterUnknown = false;
    for (const character of word) {
      const id = vocabulary.get(character);
      const bytes = id === undefined ? byteIds?.(character) : undefined;
      if (id !== undefined) ids.push(id);
      else if (bytes !== undefined) ids.push(...bytes);
      else if (options.unknownId !== undefined && !(afterUnknown && options.fuseUnknown)) ids.push(options.unknownId);
      afterUnknown = id === undefined && bytes === undefined;
    }
    return ids;
  };

  return (word) => {
    const known = remembered.get(word);
    if (known !== undefined) return known;
    const whole = ignoreMerges ? vocabulary.get(word) : undefined;
    const ids = whole === undefined ? mergeAll(split(word), merges) : [whole];
    if (word.length <= maxRememberedLength) {
      if (remembered.size >= maxRememberedWords) remembered.clear();
      remembered.set(word, ids);
    }
    return ids;
  };
}

/** (left id, right id) → rank and merged id: an open-addressing hash in typed arrays. */
class MergeTable {
  readonly #mask: number;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  /** Rank + 1; 0 is an empty slot. */
  readonly #rank: Int32Array;
  readonly #merged: Int32Array;

  constructor({ vocabulary, merges }: Pick<BpeOptions, 'vocabulary' | 'merges'>) {
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

  /** Where the pair is, or the empty slot where it would be. */
  slot(left: number, right: number): number {
    let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) & this.#mask;
    while (this.#rank[slot] !== 0 && (this.#left[slot] !== left || this.#right[slot] !== right)) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  /** −1 if the pair does not merge. */
  rankAt(slot: number): number {
    return (this.#rank[slot] ?? 0) - 1;
  }

  mergedAt(slot: number): number {
    return this.#merged[slot] ?? 0;
  }

  #add(left: number, right: number, rank: number, merged: number): void {
    const slot = this.slot(left, right);
    // Of a pair that is listed twice the later rank counts, as in a dictionary.
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

/** Merges the lowest rank first, over a linked list of symbols and a heap of candidate pairs: O(n log n). */
function mergeAll(ids: readonly number[], merges: MergeTable): number[] {
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
    // A candidate is stale once one of its symbols has merged with another.
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
  /** rank · 2³² + position: exact in a double, since ranks stay below 2²¹. */
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

function byteTokens(vocabulary: ReadonlyMap<string, number>): (character: string) => number[] | undefined {
  const utf8 = new TextEncoder();
  const ids = Array.from({ length: 256 }, (_, byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  return (character) => {
    const bytes: number[] = [];
    for (const byte of utf8.encode(character)) {
      const id = ids[byte];
      if (id === undefined) return undefined;
      bytes.push(id);
    }
    return bytes;
  };
}
