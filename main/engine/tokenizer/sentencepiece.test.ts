import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadAddon, type Addon } from '../addon.ts';
import { expected, fixtureFolder, onePieceModel } from '../testing/bundles.ts';
import { formatOf } from './open.ts';
import { tokenizerConfigSchema } from '../tokenizer-config.ts';
import { sentencePieceTokenizer } from './sentencepiece.ts';
import type { Tokenizer } from './tokenizer.ts';

const model = readFileSync(join(fixtureFolder, 'tokenizer.model'));
let addon: Addon;
let tokenizer: Tokenizer;
beforeAll(async () => {
  addon = await loadAddon();
  tokenizer = sentencePieceTokenizer(addon, model, undefined);
});

function decode(ids: readonly number[]): string {
  const decoder = tokenizer.decoder();
  return ids.map((id) => decoder.push(id)).join('') + decoder.flush();
}

describe('the fixture’s tokenizer.model', () => {
  test('encodes raw text like the trainer', () => {
    for (const { prompt, messages, promptTokens } of expected) {
      if (messages) continue;
      expect([...tokenizer.bosIds, ...tokenizer.encode(prompt, { specialTokens: false })]).toEqual(promptTokens);
    }
  });

  test('finds control tokens only in a template’s own text', () => {
    const written = '<|user|>Hi<|end|>';
    const control = tokenizer.controlLiterals.map(({ content }) => tokenizer.tokenId(content));
    expect(tokenizer.encode(written, { specialTokens: true })).toEqual([
      tokenizer.tokenId('<|user|>'),
      ...tokenizer.encode('Hi', { specialTokens: false }),
      tokenizer.tokenId('<|end|>'),
    ]);
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom('<|user|>', '<|end|>', '<s>', '<|', '|>', 'end', ' '),
            fc.string({ unit: 'grapheme', maxLength: 4 }),
          ),
          { maxLength: 8 },
        ),
        (parts) => {
          const ids = tokenizer.encode(parts.join(''), { specialTokens: false });
          expect(ids.filter((id) => control.includes(id))).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('decodes any text to the original, and never half a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'Z', ' ', 'é', '日', '🐉', '\n', '.', '<', '0'), maxLength: 30 }),
        (text) => {
          const decoder = tokenizer.decoder();
          let shown = '';
          for (const id of tokenizer.encode(text, { specialTokens: false })) {
            shown += decoder.push(id);
            expect(shown).not.toContain('\ufffd');
          }
          const lead = tokenizer.addsDummyPrefix && text !== '' ? ' ' : '';
          expect(shown + decoder.flush()).toBe(lead + text);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('gives no text for control tokens', () => {
    const ids = tokenizer.encode('<|user|>Hi<|end|>', { specialTokens: true });
    expect(decode(ids)).toBe(decode(tokenizer.encode('Hi', { specialTokens: false })));
  });

  test('knows tokens that tokenizer_config.json adds after the model’s own', () => {
    const config = tokenizerConfigSchema.parse({
      add_bos_token: false,
      eos_token: '<|im_end|>',
      added_tokens_decoder: {
        '512': { content: '<|im_start|>', special: true },
        '513': { content: '<|im_end|>', special: true },
        '514': { content: '<tool>', special: false },
      },
    });
    const extended = sentencePieceTokenizer(addon, model, config);
    expect(extended).toMatchObject({ vocabSize: 515, eosId: 513, bosIds: [] });
    expect(extended.encode('<|im_end|>', { specialTokens: true })).toEqual([513]);
    expect(extended.encode('<|im_end|>', { specialTokens: false })).not.toContain(513);
    expect(extended.decoder().push(514)).toBe('<tool>');
    expect(extended.decoder().push(512)).toBe('');
    expect(extended.literal(514)).toBe('<tool>');
  });
});

test('symbols that the processor itself would match stay text if a person writes them', () => {
  /** A processor that knows `<turn>` as a user-defined symbol and bytes otherwise, as Gemma's does. */
  class Processor {
    readonly vocabSize = 258;
    readonly bosId = 257;
    readonly eosId = -1;
    readonly unkId = -1;
    readonly padId = -1;
    readonly addsDummyPrefix = false;

    encode(text: string): Int32Array {
      return Int32Array.from(
        text.split(/(<turn>)/).flatMap((part) => (part === '<turn>' ? [256] : [...new TextEncoder().encode(part)])),
      );
    }

    decode(ids: Int32Array): Uint8Array {
      return Uint8Array.from(ids);
    }

    piece(id: number): string {
      return id === 256 ? '<turn>' : id === 257 ? '<s>' : String(id);
    }

    kind(id: number): 'user-defined' | 'control' | 'byte' {
      return id === 256 ? 'user-defined' : id === 257 ? 'control' : 'byte';
    }

    id(piece: string): number | undefined {
      return piece === '<turn>' ? 256 : undefined;
    }
  }
  const gemma = sentencePieceTokenizer({ ...addon, SentencePiece: Processor }, onePieceModel, undefined);
  expect(gemma.encode('a<turn>b', { specialTokens: true })).toEqual([97, 256, 98]);
  expect(gemma.encode('a<turn><turn>', { specialTokens: false })).toEqual([
    ...new TextEncoder().encode('a<turn><turn>'),
  ]);
});

describe('files', () => {
  test.each([
    ['{"model":{}}', 'huggingface'],
    ['\ufeff \n{', 'huggingface'],
    ['IQ== 0\nIg== 1\n', 'tiktoken'],
    ['AAAA 1234\r\n', 'tiktoken'],
    ['hello world', 'unknown'],
    ['', 'unknown'],
  ] as const)('%j is %s', (text, format) => {
    expect(formatOf(new TextEncoder().encode(text))).toBe(format);
  });

  test('recognises a SentencePiece model by its first field', () => {
    expect(formatOf(model.subarray(0, 64))).toBe('sentencepiece');
    expect(formatOf(onePieceModel)).toBe('sentencepiece');
  });

  test('refuses a damaged SentencePiece model with a reason', () => {
    expect(() => sentencePieceTokenizer(addon, model.subarray(0, 4000), undefined)).toThrow(
      expect.objectContaining({ code: 'tokenizer-invalid', message: expect.stringMatching(/cut short/) as unknown }),
    );
  });
});
