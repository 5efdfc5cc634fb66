import { describe, expect, test } from 'vitest';
import type { LoadProgress, ModelFacts } from '../index.d.ts';
import { addon, codeOf, contract, fixturePath, generate, load } from './addon.ts';

const otherwise = ['no-cache-static-last', 'external-cache', 'state-overstated', 'three-inputs'];
const runnable = Object.keys(contract).filter((name) => !otherwise.includes(name));
const dataPaths = [fixturePath('external-weights.ptd')];
const withData = (name: string) => (name === 'external-weights' ? { dataPaths } : {});
/** A two-byte float holds three decimals of these logits. */
const tolerance = (name: string) => (name === 'bfloat16' ? 2 ** -8 : name === 'float16' ? 2 ** -10 : 2 ** -15);

describe.each(runnable)('the export %s', (name) => {
  test('continues prompts as PyTorch does, with its logits', async () => {
    const model = await load(name, withData(name));
    for (const { prompt, continuation, logits } of contract[name]!) {
      model.seek(0);
      await model.prefill(Int32Array.from(prompt));
      const largest = Math.max(...logits.map(Math.abs));
      model.logits()!.forEach((value, id) => {
        expect(Math.abs(value - logits[id]!)).toBeLessThanOrEqual(largest * tolerance(name));
      });
      const steps = await generate(model, continuation.length);
      expect(steps.map(({ token }) => token)).toEqual(continuation);
      expect(steps.map(({ position }) => position)).toEqual(continuation.map((_, i) => prompt.length + i));
    }
    await model.close();
  });

  test('gives the same tokens for a prompt at once, in parts and after a rewind', async () => {
    const model = await load(name, withData(name));
    const { prompt, continuation } = contract[name]![2]!;
    await model.prefill(Int32Array.of(9, 9, 9, 9, 9));
    await generate(model, 3);
    model.seek(0);
    await model.prefill(Int32Array.from(prompt.slice(0, 7)));
    await model.prefill(Int32Array.of(40, 41, 42));
    model.seek(7);
    await model.prefill(Int32Array.from(prompt.slice(7, 8)));
    await model.prefill(Int32Array.from(prompt.slice(8)));
    expect((await generate(model, continuation.length)).map(({ token }) => token)).toEqual(continuation);
    await model.close();
  });

  test('fills its context to the last position and says when it is full', async () => {
    const model = await load(name, withData(name));
    const { contextLength } = model.facts;
    const filled = await model.prefill(new Int32Array(contextLength).fill(3));
    expect(filled.position).toBe(contextLength);
    expect(filled.chunks.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(contextLength);
    await generate(model, 1);
    expect(await codeOf(() => generate(model, 1))).toBe('context-full');
    expect(await codeOf(() => model.prefill(Int32Array.of(3)))).toBe('context-full');
    expect(model.position).toBe(contextLength);
    model.seek(contextLength - 1);
    await model.prefill(Int32Array.of(3));
    await generate(model, 1);
    await model.close();
  });
});

describe('facts', () => {
  const cached: Omit<ModelFacts, 'stateBytes' | 'loadUs'> = {
    contract: 'llama',
    backends: [],
    vocabSize: 48,
    contextLength: 32,
    prefillLength: 31,
    verifyLength: 1,
    kvCache: true,
    keepsState: false,
    rewinds: true,
    dynamicShape: true,
    logits: { dtype: 'float32', positions: 'last' },
    layers: 1,
    bosId: 1,
    eosIds: [2, 47],
  };
  const cases: Readonly<Record<string, Partial<ModelFacts>>> = {
    dynamic: {},
    'dynamic-full-logits': { logits: { dtype: 'float32', positions: 'all' } },
    'dynamic-xnnpack': { backends: ['XnnpackBackend'] },
    'position-vector': {},
    static: { prefillLength: 1, dynamicShape: false },
    'no-cache': { contextLength: 31, kvCache: false },
    'no-cache-static': {
      prefillLength: 32,
      kvCache: false,
      dynamicShape: false,
      logits: { dtype: 'float32', positions: 'all' },
    },
    bfloat16: { logits: { dtype: 'bfloat16', positions: 'last' } },
    float16: { logits: { dtype: 'float16', positions: 'last' } },
    state: { keepsState: true, rewinds: false },
    'state-static': { keepsState: true, rewinds: false, prefillLength: 1, dynamicShape: false },
    'state-initial': { keepsState: true, rewinds: false },
    'state-cleared': { keepsState: true, rewinds: false },
    optimum: { logits: { dtype: 'float32', positions: 'all' } },
    'optimum-static': { prefillLength: 1, dynamicShape: false },
    multimodal: {},
    'multimodal-static': { prefillLength: 1, dynamicShape: false },
    'state-no-cache': { keepsState: true, contextLength: 31, kvCache: false },
  };
  test.each(Object.entries(cases))('of %s', async (name, differing) => {
    const model = await load(name);
    const { stateBytes, loadUs, ...facts } = model.facts;
    expect(facts).toEqual({ ...cached, ...differing });
    // Keys and values of 32 positions, 16 float32 numbers each.
    expect(stateBytes).toBeGreaterThanOrEqual(facts.kvCache ? 2 * 32 * 16 * 4 : 1);
    expect(loadUs).toBeGreaterThan(0);
    await model.close();
  });

  test('without metadata come from the tensors alone', async () => {
    const model = await load('no-metadata');
    expect(model.facts).toMatchObject({ contextLength: 31, prefillLength: 31, vocabSize: 48 });
    expect(Object.keys(model.facts)).not.toEqual(expect.arrayContaining(['layers']));
    expect(model.facts.eosIds).toBeUndefined();
    await model.close();
  });
});

test('onChunk reports every chunk of a prefill, and the chunks add up to the result', async () => {
  const model = await load('static');
  const told: unknown[] = [];
  let settled = false;
  const { chunks } = await model.prefill(new Int32Array(31).fill(5), (chunk) => {
    expect(settled).toBe(false);
    told.push(chunk);
    throw new Error('of no consequence');
  });
  settled = true;
  expect(chunks.length).toBeGreaterThan(1);
  expect(told).toEqual(chunks);
  await model.close();
});

describe('timings', () => {
  test('exist for every chunk and step, with delegates only if the program has some', async () => {
    for (const name of ['dynamic', 'dynamic-xnnpack']) {
      const model = await load(name);
      const { chunks } = await model.prefill(Int32Array.of(1, 2, 3));
      const [first, second] = await generate(model, 2);
      // The first token comes from the prompt's logits: nothing ran for it.
      expect(first!.wallUs).toBe(0);
      expect(first!.backendUs).toBeUndefined();
      for (const { wallUs, backendUs } of [chunks[0]!, second!]) {
        expect(wallUs).toBeGreaterThan(0);
        if (name === 'dynamic') expect(backendUs).toBeUndefined();
        else expect(backendUs).toSatisfy((us: number) => us > 0 && us <= wallUs);
      }
      expect(second!.samplingUs).toBeGreaterThan(0);
      expect(second).not.toHaveProperty('acceleratorUs');
      await model.close();
    }
  });

  test('load reports its stages in order, and bytes up to the total', async () => {
    const seen: LoadProgress[] = [];
    const model = await load('dynamic', { onProgress: (progress) => seen.push(progress) });
    expect([...new Set(seen.map(({ stage }) => stage))]).toEqual(['read', 'verify', 'prepare', 'warm-up']);
    expect(seen.every(({ bytesDone, bytesTotal }) => bytesDone <= bytesTotal && bytesTotal > 0)).toBe(true);
    expect(seen.at(-1)).toMatchObject({ bytesDone: seen.at(-1)!.bytesTotal });
    await model.close();
  });

  test('a listener that throws does not disturb the load', async () => {
    const model = await load('dynamic', {
      warmUp: false,
      onProgress: () => {
        throw new Error('listener');
      },
    });
    await model.close();
  });
});

describe('logits', () => {
  test('are exactly those of the next sample', async () => {
    const model = await load('dynamic');
    expect(model.logits()).toBeUndefined();
    await model.prefill(Int32Array.of(1, 2, 3));
    const before = model.logits()!;
    const [step] = await generate(model, 1);
    expect(new addon.Sampler().sample(before)).toBe(step!.token);
    // The sampled token must be fed before there are logits to sample from again.
    expect(model.logits()).toBeUndefined();
    // Rewinding does not restore them: later logits may have replaced them.
    model.seek(3);
    expect(model.logits()).toBeUndefined();
    expect(await codeOf(() => generate(model, 1))).toBe('nothing-to-continue');
    await model.prefill(Int32Array.of(4));
    const after = model.logits();
    model.seek(4);
    expect(model.logits()).toEqual(after);
    model.seek(3);
    expect(model.logits()).toBeUndefined();
    await model.close();
  });

  test('are a copy', async () => {
    const model = await load('dynamic');
    await model.prefill(Int32Array.of(1, 2, 3));
    const copy = model.logits()!;
    const original = copy.slice();
    await model.prefill(Int32Array.of(4));
    expect(copy).toEqual(original);
    await model.close();
  });
});

test('an empty prefill only drops the sampled token', async () => {
  const model = await load('dynamic');
  expect(await model.prefill(new Int32Array())).toEqual({ position: 0, chunks: [], stopped: false });
  await model.prefill(Int32Array.of(1, 2, 3));
  const [first] = await generate(model, 1);
  expect((await model.prefill(new Int32Array())).position).toBe(3);
  expect(await codeOf(() => generate(model, 1))).toBe('nothing-to-continue');
  model.seek(2);
  await model.prefill(Int32Array.of(3));
  const [again] = await generate(model, 1);
  expect(again).toMatchObject({ token: first!.token, position: 3 });
  await model.close();
});

test('the next tokens do not depend on JavaScript’s speed', async () => {
  const { prompt, continuation } = contract['dynamic']![0]!;
  const model = await load('dynamic');
  for (const pause of [() => undefined, () => new Promise((resolve) => setTimeout(resolve, 5))]) {
    model.seek(0);
    await model.prefill(Int32Array.from(prompt));
    const tokens: number[] = [];
    while (tokens.length < continuation.length) {
      const [step] = await generate(model, 1);
      tokens.push(step!.token);
      expect(model.position).toBe(step!.position);
      await pause();
    }
    expect(tokens).toEqual(continuation);
    // The same token again, but this time prefill feeds it.
    model.seek(prompt.length + 2);
    await pause();
    await model.prefill(Int32Array.from(continuation.slice(2, 4)));
    expect((await generate(model, 4)).map(({ token }) => token)).toEqual(continuation.slice(4));
  }
  await model.close();
});

test('one call for many tokens gives the same as one call for each', async () => {
  const { prompt, continuation } = contract['dynamic']![0]!;
  const model = await load('dynamic');
  await model.prefill(Int32Array.from(prompt));
  const [first] = await generate(model, 1);
  const { steps, wallUs } = await model.benchmark!(new addon.Sampler(), 7);
  expect([first!, ...steps].map(({ token }) => token)).toEqual(continuation);
  expect(wallUs).toBeGreaterThan(0);
  expect((await model.benchmark!(new addon.Sampler(), 1000)).steps.at(-1)).toMatchObject({ position: 32 });
  await model.close();
});

test('the repetition penalty sees prompt and answer', async () => {
  const model = await load('dynamic');
  const { prompt, continuation } = contract['dynamic']![1]!;
  await model.prefill(Int32Array.from(prompt));
  const steps = await generate(model, 20, new addon.Sampler({ repetitionPenalty: 1e6, repetitionWindow: 1000 }));
  const tokens = [...prompt, ...steps.map(({ token }) => token)];
  expect(new Set(continuation).size).toBeLessThan(continuation.length);
  expect(new Set(tokens).size).toBe(tokens.length);
  await model.close();
});
