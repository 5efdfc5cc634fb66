/**
 * Byte-pair encoding over token ids. A table of merges as strings takes some 100 MB at a vocabulary of 128,000, beside a
 * model of a few hundred; here merges lie in typed arrays, and ids are what is merged.
 */
import { byteTokens } from './byte-tokens.ts';
import { mergeAll, MergeTable, RankedMerges, type ListedMerges, type Merges } from './merge.ts';

export interface BpeOptions {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs whose parts or product are not in the vocabulary never apply. */
  readonly merges: ListedMerges;
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

/** The `BPE` model of Hugging Face. */
export function bpe(options: BpeOptions): EncodeWord {
  const { vocabulary, merges, ignoreMerges } = options;
  return merger(splitter(options), new MergeTable(vocabulary, merges), ignoreMerges ? vocabulary : undefined);
}

/**
 * tiktoken's: of bytes, and ids are ranks.
 * @param ranks byte strings, a character a byte; every single byte is among them
 */
export function rankBpe(ranks: ReadonlyMap<string, number>): EncodeWord {
  const split = (word: string): number[] => Array.from(word, (byte) => ranks.get(byte) ?? 0);
  return merger(split, new RankedMerges(ranks), ranks);
}

/** `whole` are words that are one token whatever merges. Words that come again are remembered. */
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
