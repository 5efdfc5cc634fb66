import fc from 'fast-check';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { huggingFaceTokenizer, openHuggingFace } from './huggingface.ts';
import { tokenizerJsonSchema } from './tokenizer-json.ts';
import type { Tokenizer } from './tokenizer.ts';

const smolLm = join(import.meta.dirname, '../../../resources/models/smollm2-135m-instruct/tokenizer.json');
/** Text that is hard for tokenizers: control tokens and their fragments, white space, digits, many scripts. */
const tricky = fc
  .array(
    fc.oneof(
      fc.constantFrom('<|im_start|>', '<|im_end|>', '<|im_', 'end|>', '<', '|', '>', '\n', '  ', '\t', ' 12 34', '▁'),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('naïve ', '日本語', '👩‍👩‍👧‍👦', '🇫🇷', 'e\u0301', '\u200d', '\ufeff', '\u0000'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

function decode(tokenizer: Tokenizer, ids: readonly number[]): string {
  const decoder = tokenizer.decoder();
  return ids.map((id) => decoder.push(id)).join('') + decoder.flush();
}

describe('the tokenizer.json of SmolLM2 (byte-level BPE)', () => {
  let tokenizer: Tokenizer;

  beforeAll(async () => {
    tokenizer = await openHuggingFace(smolLm, {
      special: { eos_token: '<|im_end|>', bos_token: '<|im_start|>' },
    });
  });

  test('knows its size and its stop tokens', () => {
    expect(tokenizer).toMatchObject({
      kind: 'huggingface',
      vocabSize: 49152,
      eosId: 2,
      bosIds: [],
      addsDummyPrefix: false,
    });
    expect(tokenizer.tokenId('<|im_start|>')).toBe(1);
    expect(tokenizer.literal(2)).toBe('<|im_end|>');
    expect(tokenizer.tokenId('<|no such token|>')).toBeUndefined();
  });

  test('encodes text of a person without any control token and without loss', () => {
    const control = new Set(tokenizer.controlLiterals.map(({ content }) => tokenizer.tokenId(content)));
    expect(control.size).toBe(17);
    fc.assert(
      fc.property(tricky, (text) => {
        const ids = tokenizer.encode(text, { specialTokens: false });
        expect(ids.filter((id) => control.has(id))).toEqual([]);
        expect(decode(tokenizer, ids)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('streams all characters, and only whole ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const decoder = tokenizer.decoder();
        const parts = tokenizer.encode(text, { specialTokens: false }).map((id) => decoder.push(id));
        for (const part of parts) expect(part.includes('\ufffd') && !text.includes('\ufffd')).toBe(false);
        for (const part of parts) expect(part.isWellFormed()).toBe(true);
        expect(parts.join('') + decoder.flush()).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('shows an incomplete character as U+FFFD only at the end', () => {
    const ids = tokenizer.encode('🜁', { specialTokens: false });
    expect(ids.length).toBeGreaterThan(1);
    const decoder = tokenizer.decoder();
    expect(
      ids
        .slice(0, -1)
        .map((id) => decoder.push(id))
        .join(''),
    ).toBe('');
    expect(decoder.flush()).toBe('\ufffd');
  });

  test('gives no text for special tokens', () => {
    expect(decode(tokenizer, [1, ...tokenizer.encode('Hi', { specialTokens: false }), 2, 0])).toBe('Hi');
  });
});

describe('other kinds of tokenizer.json', () => {
  const added = (id: number, content: string, special = true): object => ({ id, content, special });
  const llama2 = {
    added_tokens: [added(0, '<unk>'), added(1, '<s>'), added(2, '</s>')],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      byte_fallback: true,
      fuse_unk: true,
      vocab: Object.fromEntries(
        [
          '<unk>',
          '<s>',
          '</s>',
          ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
          '▁',
          ...'abcdefghijklmnopqrstuvwxyz<>/'.split(''),
          'he',
        ].map((piece, id) => [piece, id]),
      ),
      merges: ['h e'],
    },
  };

  test('Llama 2: begin of text, a space before the first word, bytes of unknown characters', () => {
    const tokenizer = huggingFaceTokenizer(tokenizerJsonSchema.parse(llama2), {});
    expect(tokenizer).toMatchObject({ bosIds: [1], addsDummyPrefix: true, vocabSize: 290 });
    expect(decode(tokenizer, tokenizer.encode('he said é', { specialTokens: false }))).toBe(' he said é');
    expect(tokenizer.encode('a</s>', { specialTokens: true }).at(-1)).toBe(2);
    expect(tokenizer.encode('a</s>', { specialTokens: false })).not.toContain(2);
  });

  test('Unigram: text never becomes a control token that is also a piece', () => {
    const tokenizer = huggingFaceTokenizer(
      tokenizerJsonSchema.parse({
        added_tokens: [added(0, '<unk>'), added(1, '<s>'), added(4, '<tool>', false)],
        pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' },
        decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' },
        model: {
          type: 'Unigram',
          unk_id: 0,
          vocab: [
            ['<unk>', 0],
            ['<s>', 0],
            ['▁', -1],
            ['s', -2],
            ['<tool>', -1],
            ['<', -3],
            ['>', -3],
            ['t', -3],
            ['o', -3],
            ['l', -3],
          ],
        },
      }),
      {},
    );
    expect(tokenizer.encode('<s><tool>', { specialTokens: true })).toEqual([1, 4]);
    expect(tokenizer.encode('<s><tool>', { specialTokens: false })).toEqual([2, 5, 3, 6, 5, 7, 8, 8, 9, 6]);
  });

  test('added tokens swallow the white space around them as defined, and added words stay whole', () => {
    const tokenizer = huggingFaceTokenizer(
      tokenizerJsonSchema.parse({
        ...llama2,
        normalizer: null,
        added_tokens: [
          ...llama2.added_tokens,
          { id: 290, content: '<|end|>', special: true, rstrip: true, lstrip: true },
          { id: 291, content: 'covid', special: false },
          { id: 292, content: '<tool_call>', special: false },
        ],
      }),
      {},
    );
    expect(tokenizer.sections('a <|end|>\n b')).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'token', id: 290 },
      { kind: 'text', text: 'b' },
    ]);
    expect(tokenizer.encode('covid', { specialTokens: false })).toEqual([291]);
    expect(tokenizer.encode('<tool_call>', { specialTokens: false })).not.toContain(292);
    expect(decode(tokenizer, [292])).toBe('<tool_call>');
    expect(decode(tokenizer, [290])).toBe('');
  });

  test.each([
    ['a decoder that needs the whole sequence', { ...llama2, decoder: { type: 'CTC' } }],
    ['a pre-tokenizer of an unknown type', { ...llama2, pre_tokenizer: { type: 'Magic' } }],
  ])('%s is refused', (_, file) => {
    expect(() => huggingFaceTokenizer(tokenizerJsonSchema.parse(file), {})).toThrow();
  });
});
