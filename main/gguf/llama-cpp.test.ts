/** Models and tokenizers from GGUF files answer as llama.cpp does on the same files (`bench/gguf-goldens.ts`). */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadAddon, type Addon } from '../engine/addon.ts';
import { openTokenizer } from '../engine/tokenizer/open.ts';
import { writeBundle } from './bundle.ts';
import { Metadata, type Value } from './metadata.ts';
import { preTokenizer } from './pre-tokenizers.ts';
import { referenceModels, referencePrompts } from './testing/cases.ts';
import { digests, goldensFile, linesOfDigest, type Goldens } from './testing/goldens.ts';
import { tinyModel } from './testing/tiny-models.ts';
import { bytePairVocabulary, corpus, scoredVocabulary, type TestVocabulary } from './testing/vocabularies.ts';
import { writeGguf, type TestValue } from './testing/write-gguf.ts';
import { tokenizerFile } from './tokenizer.ts';
import { readVocabulary } from './vocabulary.ts';

const goldens = JSON.parse(readFileSync(goldensFile, 'utf8')) as Goldens;
let addon: Addon;
beforeAll(async () => {
  addon = await loadAddon();
});

describe('a model of', () => {
  // llama.cpp rounds the inputs of linear layers to 8 bits, so near ties may fall differently: never by more than this share
  // of the logits' spread. Another scale, norm, rotation or order of weights gives several spreads.
  const nearTie = 0.25;

  test.each(Object.keys(referenceModels))('%s prefers llama.cpp’s tokens', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'gguf-model-'));
    const gguf = join(folder, 'model.gguf');
    writeGguf(gguf, tinyModel(referenceModels[name]!));
    await writeBundle(gguf, join(folder, 'bundle'), {});
    const at = (file: string): string => join(folder, 'bundle', file);
    const model = await addon.Model.load({ programPath: at('model.pte'), dataPaths: [at('model.ptd')], warmUp: false });
    let [same, all] = [0, 0];
    for (const [index, prompt] of referencePrompts.entries()) {
      model.seek(0);
      await model.prefill(Int32Array.from(prompt));
      for (const token of goldens.greedy[name]![index]!) {
        const logits = model.logits() ?? expect.unreachable();
        const best = logits.reduce((most, one) => Math.max(most, one), -Infinity);
        const mean = logits.reduce((sum, one) => sum + one, 0) / logits.length;
        const spread = Math.sqrt(logits.reduce((sum, one) => sum + (one - mean) ** 2, 0) / logits.length);
        expect((best - logits[token]!) / spread).toBeLessThan(nearTie);
        same += Number(logits[token] === best);
        all++;
        await model.prefill(Int32Array.of(token));
      }
    }
    await model.close();
    expect(same / all).toBeGreaterThan(0.9);
  });
});

describe('the ids of two thousand lines equal llama.cpp’s with the pre-tokenizer', () => {
  async function difference(
    { metadata, size }: TestVocabulary,
    expected: readonly string[],
  ): Promise<readonly string[]> {
    const values = new Map(Object.entries(metadata).map(([key, value]) => [key, plain(value)]));
    const { name, content } = tokenizerFile(new Metadata(values), readVocabulary(new Metadata(values), size));
    const path = join(mkdtempSync(join(tmpdir(), 'gguf-tokenizer-')), name);
    writeFileSync(path, content);
    const tokenizer = await openTokenizer(addon, path, undefined);
    const found = digests(corpus.map((text) => tokenizer.encode(text, { specialTokens: false })));
    return found.flatMap((digest, index) =>
      digest === expected[index] ? [] : [`lines from ${index * linesOfDigest} on differ`],
    );
  }
  function plain(value: TestValue): Value {
    if (typeof value !== 'object') return value;
    if ('i32s' in value) return value.i32s;
    return 'f32s' in value ? value.f32s : value.map(plain);
  }

  test.each(Object.keys(goldens.tokenizers).filter((name) => preTokenizer(name) !== undefined))('%s', async (name) => {
    expect(await difference(bytePairVocabulary(name), goldens.tokenizers[name]!)).toEqual([]);
  });

  test.each([true, false])('llama, with a space before the first word: %s', async (addsPrefix) => {
    const expected = goldens.tokenizers[addsPrefix ? 'llama' : 'llama without a space']!;
    expect(await difference(scoredVocabulary(addsPrefix), expected)).toEqual([]);
  });
});
