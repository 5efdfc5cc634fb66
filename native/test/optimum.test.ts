/** Programs of optimum-executorch, compared with the tokens and logits of upstream's own runtime. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { recyclesSlots } from '../../main/engine/operators.ts';
import { checkProgramFile } from '../../main/models/preflight.ts';
import { operatorsOf } from '../../main/models/program/program.ts';
import { keptStateOf } from '../../main/models/program/state.ts';
import type { Model, ModelFacts } from '../index.d.ts';
import { addon, codeOf, generate, readJson } from './addon.ts';

const folder = fileURLToPath(new URL('../../e2e/fixtures/optimum/', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

interface Expected {
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
  /** After the prompt. */
  readonly logits?: readonly number[];
}

const expectedOf = (name: string): readonly Expected[] => readJson(`${folder}${name}.json`) as readonly Expected[];

/**
 * The largest distance from upstream's logits, which x86-64 computed, as a share of the largest logit. XNNPACK rounds the
 * inputs of `custom-cache`'s linear layers to 8 bits. Its kernels for arm64 round some inputs to the neighbouring integer, so
 * there the bound is one step of 255. The tokens are the same.
 */
const boundOf = (name: string): number => (name === 'custom-cache' && process.arch === 'arm64' ? 1 / 255 : 1e-3);

/** Loads a program as the app does. */
async function open(name: string): Promise<Model> {
  const programPath = `${folder}${name}.pte`;
  const facts = await checkProgramFile(programPath);
  return await addon.Model.load({
    programPath,
    recyclesSlots: recyclesSlots(operatorsOf(facts)),
    keptState: keptStateOf(facts),
  });
}

async function answer(model: Model, { promptTokens, tokens }: Expected): Promise<readonly number[]> {
  await model.prefill(Int32Array.from(promptTokens));
  return (await generate(model, tokens.length)).map(({ token }) => token);
}

describe('a program of optimum-executorch gives the tokens and logits of upstream’s runtime', () => {
  test.each(names)('%s', async (name) => {
    const model = await open(name);
    const compared = expectedOf(name).filter(({ logits }) => logits !== undefined);
    expect(compared.length).toBeGreaterThan(0);
    for (const { promptTokens, logits = [] } of compared) {
      model.seek(0);
      await model.prefill(Int32Array.from(promptTokens));
      const found = model.logits()!;
      const largest = Math.max(...logits.map(Math.abs));
      expect(found).toHaveLength(logits.length);
      const furthest = Math.max(...logits.map((value, index) => Math.abs(value - found[index]!)));
      expect({ furthest: furthest / largest }).toEqual({
        furthest: expect.toSatisfy((x: number) => x < boundOf(name)) as unknown,
      });
    }
    for (const entry of expectedOf(name)) {
      model.seek(0);
      expect(await answer(model, entry)).toEqual(entry.tokens);
    }
    await model.close();
  });
});

test.each(names)('%s gives the same answer after a return to the middle of the prompt', async (name) => {
  const model = await open(name);
  const longest = expectedOf(name).toSorted((one, other) => other.promptTokens.length - one.promptTokens.length)[0]!;
  const middle = Math.floor(longest.promptTokens.length / 2);
  await answer(model, longest);
  model.seek(middle);
  expect(await answer(model, { ...longest, promptTokens: longest.promptTokens.slice(middle) })).toEqual(longest.tokens);
  await model.close();
});

const facts: Readonly<Record<string, Partial<ModelFacts>>> = {
  dynamic: { contextLength: 192, prefillLength: 191, rewinds: true, eosIds: [6] },
  static: { contextLength: 192, prefillLength: 1, rewinds: true, dynamicShape: false },
  'custom-cache': { contextLength: 192, prefillLength: 191, rewinds: true },
  'gemma-3-ring': { contextLength: 192, prefillLength: 16, rewinds: false, keepsState: false, eosIds: [2, 6] },
  // Its cache has as many slots as the window, and no ring.
  'gemma-3-native': { contextLength: 32, prefillLength: 1, rewinds: true, keepsState: false, eosIds: [2, 6] },
};

test.each(Object.entries(facts))('the facts of %s', async (name, wanted) => {
  const model = await open(name);
  expect(model.facts).toMatchObject({ contract: 'llama', kvCache: true, ...wanted });
  await model.close();
});

test('a cache of a window’s size takes as many tokens as it has slots, and no more', async () => {
  const model = await open('gemma-3-native');
  const { contextLength } = model.facts;
  await model.prefill(Int32Array.from({ length: contextLength }, (_, index) => index));
  expect(await codeOf(() => model.prefill(Int32Array.of(1)))).toBe('context-full');
  await model.close();
});
