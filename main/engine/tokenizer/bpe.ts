/**
 * Byte-pair encoding over token ids. For a vocabulary of 128,000, a table of merges as strings takes about 100 MB. So merges
 * are ids in typed arrays here.
 */
import { byteTokens } from './byte-tokens.ts';
import { mergeAll, MergeTable, RankedMerges, type ListedMerges, type Merges } from './merge.ts';

export interface BpeOptions {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs whose parts or product are not in the vocabulary never apply. */
  readonly merges: ListedMerges;
  readonly unknownId: number | undefined;
  /** A run of unknown characters becomes one unknown token. */
  readonly fuseUnknown: boolean;
  /** Unknown characters become `<0x..>` tokens of their UTF-8 bytes, if the vocabulary has them all. */
  readonly byteFallback: boolean;
  /** A word in the vocabulary becomes one token without merges. */
  readonly ignoreMerges: boolean;
}

/** Encodes one word of the pre-tokenizer. */
export type EncodeWord = (word: string) => readonly number[];

const maxRememberedWords = 10_000;
const maxRememberedLength = 64;

/** The `BPE` model of Hugging Face. */
export function bpe(options: BpeOptions): EncodeWord {
  const { vocabulary, merges, ignoreMerges } = options;
  return merger(splitter(options), new MergeTable(vocabulary, merges), ignoreMerges ? vocabulary : undefined);
}

/**
 * tiktoken's encoding: it merges bytes, and ids are ranks.
 * @param ranks byte strings with one character for each byte; they include every single byte
 */
export function rankBpe(ranks: ReadonlyMap<string, number>): EncodeWord {
  const split = (word: string): number[] => Array.from(word, (byte) => ranks.get(byte) ?? 0);
  return merger(split, new RankedMerges(ranks), ranks);
}

/** `whole` has the words that are one token without merges. The encoder caches the ids of words. */
function merger(
  split: (word: string) => number[],
  merges: Merges,
  whole: ReadonlyMap<string, number> | undefined,
): EncodeWord {
  const remembered = new Map<string, readonly number[]>();
  return (word) => {
    const known = remembered.get(word);
    if (known !== undefined) return known;
    const one = whole?.get(word);
    const ids = one === undefined ? mergeAll(split(word), merges) : [one];
    if (word.length <= maxRememberedLength) {
      if (remembered.size >= maxRememberedWords) remembered.clear();
      remembered.set(word, ids);
    }
    return ids;
  };
}

/** Ids of single characters, before merging. */
function splitter(options: BpeOptions): (word: string) => number[] {
  const { vocabulary } = options;
  const bytesOf = options.byteFallback ? byteTokens(vocabulary) : undefined;
  return (word) => {
    const ids: number[] = [];
    let afterUnknown = false;
    for (const character of word) {
      const id = vocabulary.get(character);
      const bytes = id === undefined ? bytesOf?.(character) : undefined;
      if (id !== undefined) ids.push(id);
      else if (bytes !== undefined) ids.push(...bytes);
      else if (options.unknownId !== undefined && !(afterUnknown && options.fuseUnknown)) ids.push(options.unknownId);
      afterUnknown = id === undefined && bytes === undefined;
    }
    return ids;
  };
}
