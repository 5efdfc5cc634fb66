import * as library from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bpe } from './bpe.ts';

interface Reference {
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  encode(words: string[]): string[];
}
// The library's declarations do not resolve under Node's rules; see words.ts.
const { BPE: LibraryBpe } = library as unknown as { readonly BPE: new (config: object) => Reference };

const letters = ['a', 'b', 'c', 'd'];
const word = fc.string({ unit: fc.constantFrom(...letters), maxLength: 60 });

/** Makes merges like training: each joins two existing tokens. */
const mergeLists = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 30 }).map((choices) => {
  const tokens = [...letters];
  const merges: [string, string][] = [];
  for (const [left, right] of choices) {
    const pair: [string, string] = [tokens[left % tokens.length] ?? 'a', tokens[right % tokens.length] ?? 'a'];
    if (tokens.includes(pair.join(''))) continue;
    tokens.push(pair.join(''));
    merges.push(pair);
  }
  return { vocabulary: new Map(tokens.map((token, id) => [token, id])), merges };
});

const plainOptions = { unknownId: undefined, fuseUnknown: false, byteFallback: false, ignoreMerges: false };

/** The literal definition: merges the leftmost pair with the lowest rank until no pair is left. */
function slowly(text: string, merges: readonly [string, string][]): string[] {
  const symbols = Array.from(text);
  for (;;) {
    const ranks = symbols
      .slice(1)
      .map((right, index) => merges.findIndex(([a, b]) => a === symbols[index] && b === right));
    const lowest = Math.min(...ranks.filter((rank) => rank >= 0), Infinity);
    if (lowest === Infinity) return symbols;
    const at = ranks.indexOf(lowest);
    symbols.splice(at, 2, `${symbols[at] ?? ''}${symbols[at + 1] ?? ''}`);
  }
}

describe('byte-pair encoding', () => {
  test('follows the definition', () => {
    fc.assert(
      fc.property(mergeLists, word, ({ vocabulary, merges }, text) => {
        const encode = bpe({ vocabulary, merges, ...plainOptions });
        const wanted = slowly(text, merges).map((token) => vocabulary.get(token));
        expect(encode(text)).toEqual(wanted);
        expect(encode(text)).toEqual(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  test('gives the library’s ids for both notations of merges', () => {
    fc.assert(
      fc.property(mergeLists, word, fc.boolean(), ({ vocabulary, merges }, text, joined) => {
        fc.pre(merges.length > 0);
        const written = joined ? merges.map((pair) => pair.join(' ')) : merges;
        const reference = new LibraryBpe({ vocab: Object.fromEntries(vocabulary), merges: written });
        const ids = reference.encode([text]).map((token) => vocabulary.get(token));
        expect(bpe({ vocabulary, merges: written, ...plainOptions })(text)).toEqual(ids);
      }),
      { numRuns: 500 },
    );
  });

  test('encodes a word of a megabyte in less than quadratic time', () => {
    const vocabulary = new Map([...letters, 'ab', 'abab'].map((token, id) => [token, id]));
    const encode = bpe({ vocabulary, merges: ['a b', 'ab ab'], ...plainOptions });
    expect(encode('ab'.repeat(500_000)).length).toBe(250_000);
  });

  const small = new Map(['<unk>', 'a', '<0xC3>', '<0xA9>', 'aa', 'hello'].map((token, id) => [token, id]));

  test('drops unknown characters, or makes them unknown tokens, fused ones, or bytes if the vocabulary has all bytes', () => {
    const encode = (more: object): readonly number[] =>
      bpe({ vocabulary: small, merges: ['a a'], ...plainOptions, ...more })('aéßßa');
    expect(encode({})).toEqual([4]);
    expect(encode({ unknownId: 0 })).toEqual([1, 0, 0, 0, 1]);
    expect(encode({ unknownId: 0, fuseUnknown: true })).toEqual([1, 0, 1]);
    expect(encode({ unknownId: 0, fuseUnknown: true, byteFallback: true })).toEqual([1, 2, 3, 0, 1]);
  });

  test('takes whole words without merges if the file asks for it', () => {
    expect(bpe({ vocabulary: small, merges: [], ...plainOptions, ignoreMerges: true })('hello')).toEqual([5]);
    expect(bpe({ vocabulary: small, merges: [], ...plainOptions })('hello')).toEqual([]);
  });

  test('never applies merges of missing tokens', () => {
    expect(bpe({ vocabulary: small, merges: ['a x', 'x a', 'aa a'], ...plainOptions })('aaa')).toEqual([1, 1, 1]);
  });
});
