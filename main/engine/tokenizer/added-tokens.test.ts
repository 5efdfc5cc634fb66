/** Compares added tokens of a bundle's files with `transformers`. `python -m export added_token_goldens` makes the goldens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  addedTokensSchema,
  mergedTokenizerConfig,
  specialTokensMapSchema,
  tokenizerConfigSchema,
} from '../tokenizer-config.ts';
import { huggingFaceTokenizer } from './huggingface.ts';
import { LiteralFinder } from './literal-finder.ts';
import { tokenizerJsonSchema } from './tokenizer-json.ts';
import type { Tokenizer } from './tokenizer.ts';

interface Case {
  readonly base: string;
  readonly added: readonly object[];
  readonly files: Readonly<Partial<Record<'tokenizer_config' | 'special_tokens_map' | 'added_tokens', object>>>;
  readonly ids: readonly (readonly number[])[];
  readonly special: Readonly<Record<string, string>>;
  readonly size: number;
}

const { bases, lines, cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../e2e/fixtures/tokenizers/added-tokens.json'), 'utf8'),
) as {
  readonly bases: Readonly<Record<string, object>>;
  readonly lines: readonly string[];
  readonly cases: Readonly<Record<string, Case>>;
};

const configOf = ({ files }: Pick<Case, 'files'>): ReturnType<typeof mergedTokenizerConfig> =>
  mergedTokenizerConfig({
    config: tokenizerConfigSchema.parse(files.tokenizer_config ?? {}),
    map: files.special_tokens_map && specialTokensMapSchema.parse(files.special_tokens_map),
    added: files.added_tokens && addedTokensSchema.parse(files.added_tokens),
  });
const tokenizerOf = (one: Pick<Case, 'base' | 'added' | 'files'>): Tokenizer =>
  huggingFaceTokenizer(tokenizerJsonSchema.parse({ ...bases[one.base], added_tokens: one.added }), configOf(one));

describe.each(Object.entries(cases))('%s', (_name, one) => {
  const tokenizer = tokenizerOf(one);

  test.each(lines.map((line, index) => [JSON.stringify(line), line, one.ids[index]] as const))(
    '%s',
    (_shown, line, ids) => {
      expect(tokenizer.encode(line, { specialTokens: true })).toEqual(ids);
    },
  );

  test('has the same names and the same size', () => {
    expect(configOf(one)?.special).toEqual(one.special);
    expect(tokenizer.vocabSize).toBe(one.size);
  });
});

const base = { base: 'bytes', files: {} };
const added = (content: string, more: object = {}): object => ({ content, special: true, normalized: false, ...more });

test('no text of a person becomes a control token that is matched in normalised text', () => {
  const tokenizer = tokenizerOf({ ...base, base: 'compatible', added: [added('<|end|>', { normalized: true })] });
  const end = tokenizer.tokenId('<|end|>');
  expect(tokenizer.encode('＜｜end｜＞', { specialTokens: true })).toEqual([end]);
  expect(tokenizer.encode('＜｜end｜＞<|end|>', { specialTokens: false })).not.toContain(end);
});

describe('a tokenizer for a model with fewer logits', () => {
  const whole = tokenizerOf({ ...base, added: [added('<|end|>'), added('<image>'), added('dog', { special: false })] });
  const image = whole.tokenId('<image>') ?? 0;

  test('never gives an id that the model lacks', () => {
    const within = whole.within(image);
    expect(within.encode('<|end|><image> dog', { specialTokens: true }).every((id) => id < image)).toBe(true);
    expect(within.tokenId('<image>')).toBeUndefined();
    expect(within.controlLiterals.map(({ content }) => content)).toEqual(['<|end|>']);
    expect(whole.encode('<image>', { specialTokens: true })).toEqual([image]);
  });

  test('knows the number of logits for its ordinary tokens', () => {
    expect(whole).toMatchObject({ vocabSize: image + 2, ordinarySize: image + 2 });
    expect(tokenizerOf({ ...base, added: [added('<|end|>'), added('<image>')] }).ordinarySize).toBe(image - 1);
  });
});

test('finds the longest literal at a place, and matches do not overlap', () => {
  const finder = new LiteralFinder([
    ['ab', 1],
    ['abc', 2],
    ['ca', 3],
    ['', 4],
    ['ab', 5],
  ]);
  expect([...finder.find('xabcabca')].map(({ at, value }) => [at, value])).toEqual([
    [1, 2],
    [4, 2],
  ]);
});
