import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Model } from '../index.d.ts';
import { addon, codeOf, generate, readJson } from './addon.ts';
import { describeOnEmulator } from './emulator.ts';

/** The tiny model compiled for the HTP by upstream's flow; here Qualcomm's emulator runs it. */
const file = (name: string) =>
  fileURLToPath(new URL(`../../e2e/fixtures/tiny-llama-qnn-hybrid/${name}`, import.meta.url));
const libraries = fileURLToPath(new URL('../../resources/qnn', import.meta.url));
const context = 256;
const prefillLength = 32;

interface Expected {
  readonly prompt: string;
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
}

const all = readJson(file('expected.json')) as readonly Expected[];
const ids = (tokens: readonly number[]) => Int32Array.from(tokens);
const spoken = async (model: Model, count: number) => (await generate(model, count)).map(({ token }) => token);

describeOnEmulator('a static llama on the HTP emulator', () => {
  let model: Model;

  beforeAll(async () => {
    expect(await codeOf(() => addon.useQnn({ folder: '/nowhere' }))).toBe('library-missing');
    addon.useQnn({ folder: libraries, profile: 'basic' });
    model = await addon.Model.load({ programPath: file('model.pte') });
  });

  afterAll(async () => {
    await model.close();
  });

  test('has the facts of its tensors', () => {
    expect(model.facts).toMatchObject({
      contract: 'qnn-static-llama',
      backends: ['QnnBackend'],
      contextLength: context - 1,
      prefillLength,
      kvCache: true,
      vocabSize: 512,
      layers: 5,
    });
  });

  test('gives its training text, prefilled and decoded', async () => {
    const short = all.filter(({ tokens }) => tokens.length < 30).slice(0, 4);
    expect(short.length).toBe(4);
    for (const { promptTokens, tokens } of short) {
      model.seek(0);
      await model.prefill(ids(promptTokens));
      expect(await spoken(model, tokens.length)).toEqual(tokens);
    }
  });

  test('gives the same tokens for a prompt at once, one by one and after a rewind', async () => {
    const { promptTokens, tokens } = all.reduce((longest, one) =>
      one.promptTokens.length > longest.promptTokens.length && one.promptTokens.length < 100 ? one : longest,
    );
    expect(promptTokens.length).toBeGreaterThan(prefillLength);
    const count = Math.min(tokens.length, 8);
    const answer = tokens.slice(0, count);

    model.seek(0);
    const { chunks } = await model.prefill(ids(promptTokens));
    expect(chunks.map((chunk) => chunk.tokens)).toEqual(chunked(promptTokens.length));
    expect(await spoken(model, count)).toEqual(answer);

    // Decode left the caches in its own layout, with other tokens after the rewind position.
    model.seek(promptTokens.length - 3);
    await model.prefill(ids(promptTokens.slice(-3)));
    expect(await spoken(model, count)).toEqual(answer);

    model.seek(0);
    for (const token of promptTokens) await model.prefill(ids([token]));
    expect(await spoken(model, count)).toEqual(answer);
  });

  test('reports the time on the accelerator for every step', async () => {
    model.seek(0);
    const { chunks } = await model.prefill(ids(all[0]!.promptTokens));
    const steps = (await generate(model, 6)).slice(1);
    for (const { wallUs, backendUs, acceleratorUs } of [...chunks, ...steps]) {
      expect(acceleratorUs).toBeGreaterThan(0);
      expect(backendUs).toBeGreaterThanOrEqual(acceleratorUs!);
      expect(wallUs).toBeGreaterThan(backendUs!);
    }
  });

  test('fills its context to the last slot and stops there', async () => {
    model.seek(0);
    const full = Int32Array.from({ length: context - 1 }, (_, i) => 4 + (i % 400));
    expect(await codeOf(() => model.prefill(ids([...full, 4])))).toBe('context-full');
    // Prefill's layout has room for whole calls only up to C − P; decode feeds the rest.
    const { position, chunks } = await model.prefill(full);
    expect(position).toBe(context - 1);
    expect(chunks.filter(({ tokens }) => tokens > 1).reduce((sum, { tokens }) => sum + tokens, 0)).toBe(
      context - prefillLength,
    );
    await model.next(new addon.Sampler());
    expect(await codeOf(() => model.next(new addon.Sampler()))).toBe('context-full');
  });

  test('accepts one folder of libraries per process', async () => {
    expect(await codeOf(() => addon.useQnn({ folder: '/elsewhere' }))).toBe('invalid-argument');
    addon.useQnn({ folder: libraries, profile: 'off' });
  });
});

function chunked(tokens: number): number[] {
  const chunks = Array.from({ length: Math.floor(tokens / prefillLength) }, () => prefillLength);
  return tokens % prefillLength === 0 ? chunks : [...chunks, tokens % prefillLength];
}
