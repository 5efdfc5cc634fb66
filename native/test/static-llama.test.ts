/**
 * QNN's static llama convention in shapes that no current compiler makes, in portable operators, compared with eager
 * PyTorch without a cache: `make_static_fixtures.py` in fixtures/. CPU.
 */
import { describe, expect, test } from 'vitest';
import { addon, codeOf, fixturePath, generate, readJson } from './addon.ts';

interface Expected {
  readonly prompt: readonly number[];
  readonly continuation: readonly number[];
}

const expected = readJson(fixturePath('static.json')) as Readonly<Record<string, readonly Expected[]>>;
const context = 32;
const prefillLength = 8;
const load = async (name: string) => await addon.Model.load({ programPath: fixturePath(`${name}.pte`) });

const variants = {
  'static-hybrid': { prefillLength },
  'static-hybrid-uint8': { prefillLength },
  'static-kv': { prefillLength: 1 },
  'static-older': { prefillLength: 1 },
  'static-window': { prefillLength },
  'static-whole-prompt': { prefillLength: context - 1 },
  'static-own-name': { prefillLength: 1 },
} as const;

test('every variant has its expectations', () => {
  expect(Object.keys(expected).sort()).toEqual(Object.keys(variants).sort());
});

describe.each(Object.entries(variants))('%s', (name, facts) => {
  test('has the facts of its tensors', async () => {
    const model = await load(name);
    expect(model.facts).toMatchObject({
      contract: 'qnn-static-llama',
      contextLength: context - 1,
      vocabSize: 48,
      layers: 2,
      kvCache: true,
      backends: [],
      logits: { dtype: 'float32' },
      ...facts,
    });
    await model.close();
  });

  test('gives PyTorch’s tokens for short and long prompts, at once, in parts and one by one', async () => {
    const model = await load(name);
    for (const { prompt, continuation } of expected[name] ?? []) {
      const spoken = async (...pieces: readonly (readonly number[])[]): Promise<readonly number[]> => {
        model.seek(0);
        for (const piece of pieces) await model.prefill(Int32Array.from(piece));
        return (await generate(model, continuation.length)).map(({ token }) => token);
      };
      const middle = Math.floor(prompt.length / 2);
      expect(await spoken(prompt)).toEqual(continuation);
      expect(await spoken(prompt.slice(0, middle), prompt.slice(middle))).toEqual(continuation);
      expect(await spoken(...prompt.map((token) => [token]))).toEqual(continuation);
    }
    await model.close();
  });

  test('gives the same after a rewind into the prompt, and holds one token less than its context', async () => {
    const model = await load(name);
    const { prompt, continuation } = expected[name]?.[2] ?? { prompt: [], continuation: [] };
    await model.prefill(Int32Array.from(prompt));
    await generate(model, 6);
    model.seek(prompt.length - 5);
    await model.prefill(Int32Array.from(prompt.slice(-5)));
    expect((await generate(model, continuation.length)).map(({ token }) => token)).toEqual(continuation);
    model.seek(0);
    const full = Array.from({ length: context - 1 }, (_, index) => 4 + (index % 40));
    expect(await codeOf(() => model.prefill(Int32Array.from([...full, 4])))).toBe('context-full');
    expect((await model.prefill(Int32Array.from(full))).position).toBe(context - 1);
    await model.close();
  });
});

describe('refuses', () => {
  test.each([
    ['static-lookahead', /lookahead/],
    ['static-sink', /attention sink/],
    ['static-multimodal', /multimodal/],
    ['static-windowless', /how long the window is/],
  ])('%s by name', async (name, why) => {
    const loading = load(name);
    await expect(loading).rejects.toMatchObject({ code: 'program-unsupported' });
    await expect(loading).rejects.toThrow(why);
  });
});
