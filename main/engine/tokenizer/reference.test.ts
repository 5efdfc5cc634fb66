/** Compares every kind of tokenizer with upstream's ids for one corpus. `export/fixtures/tokenizer_fixtures.py` makes both. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadAddon } from '../addon.ts';
import { openTokenizer } from './open.ts';
import type { Tokenizer } from './tokenizer.ts';

const fixtures = join(import.meta.dirname, '../../../e2e/fixtures/tokenizers');
const smolLm = join(import.meta.dirname, '../../../resources/models/smollm2-135m-instruct/tokenizer.json');
const corpus = JSON.parse(readFileSync(join(fixtures, 'corpus.json'), 'utf8')) as readonly string[];
/** The control tokens of all tokenizers, as the corpus writes them. */
const control =
  /<\|begin_of_text\|>|<\|eot_id\|>|<\|im_start\|>|<\|im_end\|>|<s>|<\/s>|<unk>|\[INST\]|<0x0A>|<start_of_turn>/;

/** Lists of numbers: each list's length and its numbers as LEB128, deflated. */
function unpacked(file: string): number[][] {
  const bytes = inflateSync(readFileSync(file));
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const lists: number[][] = [];
  while (at < bytes.length) lists.push(Array.from({ length: number() }, number));
  return lists;
}

/** Decoded text by tokenizer: the original text, or the text after its normalizer. */
const kept: Readonly<Record<string, (text: string) => string>> = {
  'tiktoken-llama-3': (text) => text,
  'llama-3': (text) => text,
  'qwen-2': (text) => text.normalize('NFC'),
  possessive: (text) => text,
  o200k: (text) => text,
  deepseek: (text) => text,
  smollm2: (text) => text,
  // A space and its mark have the same encoding, and the first space of a text belongs to the tokenizer.
  'sentencepiece-bpe': (text) => (text === '' ? '' : ` ${text.replaceAll('▁', ' ')}`),
  'llama-2': (text) => (text === '' ? '' : ` ${text.replaceAll('▁', ' ')}`),
  gemma: (text) => text.replaceAll('▁', ' '),
  metaspace: (text) => {
    const shown = text.replaceAll('▁', ' ');
    return shown === '' || shown.startsWith(' ') ? shown : ` ${shown}`;
  },
};
/** These lose compatibility forms, white space and characters without a piece by design. */
const lossy = ['sentencepiece-unigram', 'unigram'];

const file = (name: string): string =>
  name === 'smollm2'
    ? smolLm
    : join(fixtures, name, /^(sentencepiece|tiktoken)/.test(name) ? 'tokenizer.model' : 'tokenizer.json');

/** SmolLM2 has no token for these bytes, so it cannot encode characters with them. */
// eslint-disable-next-line no-control-regex
const unwritable = /[\u0004\u0006\u0013\u0014\u0016\u001d\u{40000}-\u{bffff}]/u;

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.array(fc.constantFrom(...corpus), { maxLength: 3 }).map((lines) => lines.join('\n')),
);

describe.each([...Object.keys(kept), ...lossy])('%s', (name) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await openTokenizer(await loadAddon(), file(name), undefined);
  });

  const decode = (ids: readonly number[]): string => {
    const decoder = tokenizer.decoder();
    return ids.map((id) => decoder.push(id)).join('') + decoder.flush();
  };

  test('has upstream’s ids for every line of the corpus', () => {
    const upstream = unpacked(join(fixtures, `${name}.ids`));
    const wrong = corpus.flatMap((text, line) => {
      const ids = tokenizer.encode(text, { specialTokens: false });
      return JSON.stringify(ids) === JSON.stringify(upstream[line]) ? [] : [{ text, ids, upstream: upstream[line] }];
    });
    expect(corpus).toHaveLength(2000);
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  test('has upstream’s ids if control tokens count', () => {
    const upstream = unpacked(join(fixtures, `${name}.ids`)).slice(corpus.length);
    // SentencePiece itself never matches one in text.
    if (name.startsWith('sentencepiece')) {
      expect(upstream).toEqual([]);
      return;
    }
    const ids = corpus
      .filter((text) => control.test(text))
      .map((text) => tokenizer.encode(text, { specialTokens: true }));
    expect(ids).toEqual(upstream);
  });

  test.runIf(name in kept)('decodes any text to the original', () => {
    const wanted = kept[name] ?? ((text: string) => text);
    const check = (text: string): void => {
      if (name === 'smollm2' && unwritable.test(text)) return;
      expect(decode(tokenizer.encode(text, { specialTokens: false }))).toBe(wanted(text));
    };
    corpus.forEach(check);
    fc.assert(
      fc.property(anyText, (text) => check(text.toWellFormed())),
      { numRuns: 300 },
    );
  });

  test('decodes the same text at every split, and never half a character', () => {
    const specialIds = new Set(tokenizer.controlLiterals.map(({ content }) => tokenizer.tokenId(content)));
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = tokenizer.encode(text.toWellFormed(), { specialTokens: false });
        const whole = decode(ids);
        const decoder = tokenizer.decoder();
        let shown = '';
        for (const id of ids) {
          const part = decoder.push(id);
          expect(part.isWellFormed()).toBe(true);
          shown += part;
          expect(whole.startsWith(shown)).toBe(true);
        }
        expect(shown + decoder.flush()).toBe(whole);
        expect(ids.filter((id) => specialIds.has(id) && id !== tokenizer.tokenId('<unknown>'))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
