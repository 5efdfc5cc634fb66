/** Models in context binaries, as Qualcomm's AI Hub delivers them, on the emulator. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Model } from '../index.d.ts';
import { addonPath } from './addon-path.ts';
import { addon, codeOf, generate } from './addon.ts';
import { answersOf, contextFile, contextLoad, contextsOf, partOf, qnnFolder, type Answer } from './contexts.ts';
import { describeOnEmulator } from './emulator.ts';

const bundle = 'tiny-llama-genie';
const answers = answersOf(bundle);
const byLength = answers.toSorted((one, other) => one.tokens.length - other.tokens.length);

async function tokensAfter(model: Model, count: number): Promise<number[]> {
  return (await generate(model, count)).map(({ token }) => token);
}

async function answer(model: Model, { promptTokens, tokens }: Answer): Promise<number[]> {
  model.seek(0);
  await model.prefill(Int32Array.from(promptTokens));
  return await tokensAfter(model, tokens.length);
}

describeOnEmulator('a model in context binaries', () => {
  let model: Model;

  beforeAll(async () => {
    addon.useQnn({ folder: qnnFolder, onlyContexts: true });
    model = await addon.Model.load(contextLoad(bundle));
  });
  afterAll(async () => {
    await model.close();
  });

  test('is described before anything is loaded', () => {
    expect(addon.describeContexts(contextsOf(bundle))).toEqual({
      buildIds: Array.from({ length: 4 }, () => expect.stringMatching(/^v2\.\d+\.\d+/) as string),
      contextLengths: [128, 256, 512],
      prefillLength: 32,
      vocabSize: 512,
      layers: 5,
      // Five layers of K and V, four heads of eight numbers, 511 slots, a byte each.
      cacheBytes: 5 * 2 * 4 * 8 * 511,
      binaryBytes: [1, 2, 3, 4].reduce((sum, part) => sum + readFileSync(partOf(bundle, part)).length, 0),
    });
  });

  test('has the facts of its binaries', () => {
    expect(model.facts).toMatchObject({
      contract: 'qnn-context',
      backends: ['QnnBackend'],
      vocabSize: 512,
      contextLength: 511,
      prefillLength: 32,
      kvCache: true,
      layers: 5,
      logits: { dtype: 'uint16', positions: 'all' },
    });
  });

  test('answers to the letter, from prompts of one chunk and of several', async () => {
    const short = byLength.slice(0, 3);
    const chunked = byLength.filter(({ promptTokens }) => promptTokens.length > 64).slice(0, 1);
    for (const one of [...short, ...chunked]) expect(await answer(model, one)).toEqual(one.tokens);
  });

  test('reports the time of the accelerator and the figures that QNN reports', async () => {
    model.seek(0);
    const { chunks } = await model.prefill(Int32Array.from(byLength[0]!.promptTokens));
    const [, step] = await generate(model, 2);
    for (const timings of [chunks[0]!, step!]) {
      expect(timings.acceleratorUs).toBeGreaterThan(0);
      expect(timings.backendUs).toBeGreaterThanOrEqual(timings.acceleratorUs!);
      expect(timings.wallUs).toBeGreaterThanOrEqual(timings.backendUs!);
      // The graphs leave the number of threads to QNN, which then reports 0.
      expect(timings.hvxThreads).toBe(0);
      expect(timings).not.toHaveProperty('htp');
    }
  });

  test('goes on in a longer context when the short one is full, and back after a rewind', async () => {
    // The longest dialogue begins in 128 slots, and its prompt alone needs 512.
    const longest = answers.toSorted((one, other) => other.promptTokens.length - one.promptTokens.length)[0]!;
    expect(longest.promptTokens.length).toBeGreaterThan(256);
    expect(await answer(model, longest)).toEqual(longest.tokens);
    for (const keep of [longest.promptTokens.length - 1, 200, 100, 1]) {
      model.seek(keep);
      await model.prefill(Int32Array.from(longest.promptTokens.slice(keep)));
      expect(await tokensAfter(model, 4)).toEqual(longest.tokens.slice(0, 4));
    }
    // An answer that crosses from 128 to 256 slots one token at a time.
    const crossing = answers.find(
      ({ promptTokens, tokens }) => promptTokens.length < 100 && promptTokens.length + tokens.length > 130,
    )!;
    expect(await answer(model, crossing)).toEqual(crossing.tokens);
  });

  test('fills its context to the last slot, then says that it is full', async () => {
    model.seek(0);
    await model.prefill(Int32Array.from({ length: 509 }, () => 5));
    await generate(model, 3);
    expect(await codeOf(() => model.next(new addon.Sampler()))).toBe('context-full');
    expect(await codeOf(() => model.prefill(Int32Array.from([1, 2])))).toBe('context-full');
  });

  // The emulator for Windows ends a process with status 3 if it is unloaded while a model is open.
  test('open in a process that exits, leaves the process its own status', () => {
    const script = `
      const addon = process.getBuiltinModule('module').createRequire(${JSON.stringify(addonPath)})(${JSON.stringify(addonPath)});
      addon.useQnn({ folder: ${JSON.stringify(qnnFolder)}, onlyContexts: true });
      addon.Model.load(${JSON.stringify(contextLoad(bundle))}).then(() => process.exit(7));`;
    expect(spawnSync(process.execPath, ['-e', script], { stdio: 'ignore' })).toMatchObject({ status: 7, signal: null });
  });

  test('stops inside a chunk, between two parts', async () => {
    model.seek(0);
    const prompt = Int32Array.from(answers[0]!.promptTokens);
    const running = model.prefill(prompt);
    model.stop();
    expect(await running).toEqual({ position: 0, chunks: [], stopped: true });
    expect(await answer(model, answers[0]!)).toEqual(answers[0]!.tokens);
  });
});

describeOnEmulator('context binaries of other kinds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-contexts-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    addon.useQnn({ folder: qnnFolder, onlyContexts: true });
  });

  const parts = (...which: readonly number[]): string[] => which.map((part) => partOf(bundle, part));
  const messageOf = (binaries: readonly string[], change = {}): string => {
    try {
      addon.describeContexts({ ...contextsOf(bundle), binaries, ...change });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    throw new Error('The call succeeded.');
  };

  test('run in float16 too', async () => {
    const model = await addon.Model.load(contextLoad('tiny-llama-genie-fp16'));
    expect(model.facts).toMatchObject({ contextLength: 255, logits: { dtype: 'float16' } });
    const shortest = answersOf('tiny-llama-genie-fp16').toSorted(
      (one, other) => one.tokens.length - other.tokens.length,
    )[0]!;
    expect(await answer(model, shortest)).toEqual(shortest.tokens);
    await model.close();
  });

  test('with shared weights are described, and refused by the emulator', async () => {
    expect(addon.describeContexts(contextsOf('tiny-llama-genie-device'))).toMatchObject({ contextLengths: [256] });
    await expect(addon.Model.load(contextLoad('tiny-llama-genie-device'))).rejects.toThrow(
      /QnnContext_createFromBinary .* error 1000\..*Shared weights buffer isn't supported/,
    );
  });

  test('may come in any order', () => {
    expect(addon.describeContexts({ ...contextsOf(bundle), binaries: parts(3, 1, 4, 2) })).toMatchObject({ layers: 5 });
  });

  test('are refused by name if a part is missing, there twice or from another model', () => {
    expect(messageOf(parts(1, 2, 4))).toBe('Part 3 of 4 is missing.');
    expect(messageOf(parts(1, 2, 3))).toBe('Part 4 of 4 is missing.');
    expect(messageOf(parts(2, 3, 4))).toBe('Part 1 of 4 is missing.');
    expect(messageOf([])).toBe('The model has no context binaries.');
    expect(messageOf(parts(1, 2, 2, 3, 4))).toMatch(/parts of different models: .* is part 2 of 4/);
    expect(messageOf([...parts(1, 2, 3), partOf('tiny-llama-genie-fp16', 4)])).toMatch(
      /not every part has a graph for 1 tokens in a context of 128/,
    );
  });

  test('are refused if the configuration rotates other heads, or names no file', () => {
    expect(messageOf(parts(1, 2, 3, 4), { inverseFrequencies: [1, 0.5] })).toMatch(
      /it rotates 4 pairs of each head, but its configuration says 2/,
    );
    expect(messageOf([...parts(1, 2, 3), join(folder, 'nothing.bin')])).toMatch(/nothing\.bin cannot be opened/);
  });

  test('are refused if they are damaged', () => {
    const whole = readFileSync(partOf(bundle, 2));
    const cases = { empty: whole.subarray(0, 0), short: whole.subarray(0, 100), text: Buffer.from('{}'.repeat(500)) };
    for (const [name, bytes] of Object.entries(cases)) {
      writeFileSync(join(folder, name), bytes);
      const [one, , three, four] = parts(1, 2, 3, 4);
      expect(messageOf([one!, join(folder, name), three!, four!])).toMatch(/is empty|is no context binary/);
    }
  });

  test('take embeddings from a table that the CPU reads', async () => {
    copyFileSync(partOf(bundle, 2), join(folder, 'part2.bin'));
    const embedding = { path: join(folder, 'part2.bin'), width: 64 };
    await expect(addon.Model.load(contextLoad(bundle, { binaries: parts(2, 3, 4), embedding }))).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringMatching(/the embeddings of 512 tokens take 65536/) as string,
    });
    const table = { path: contextFile(bundle, 'embedding_uint16_lut.raw'), width: 64 };
    const model = await addon.Model.load(contextLoad(bundle, { binaries: parts(2, 3, 4), embedding: table }));
    expect(await answer(model, byLength[0]!)).toEqual(byLength[0]!.tokens);
    await model.close();
    expect(messageOf(parts(2, 3, 4), {})).toBe('Part 1 of 4 is missing.');
  });

  test('refuse options of the wrong kind', async () => {
    const load = (contexts: object) =>
      codeOf(() => addon.Model.load({ ...contextLoad(bundle), contexts: contexts as never }));
    expect(await load({ binaries: parts(1) })).toBe('invalid-argument');
    expect(await load({ binaries: parts(1), inverseFrequencies: [Number.NaN] })).toBe('invalid-argument');
    expect(await load({ binaries: parts(1), inverseFrequencies: [] })).toBe('invalid-argument');
    expect(await load({ ...contextsOf(bundle), embedding: { path: '/x', width: 0 } })).toBe('invalid-argument');
    expect(await load({ ...contextsOf(bundle), embedding: { path: '/x', width: 4, type: 'uint8' } })).toBe(
      'invalid-argument',
    );
    expect(await load({ ...contextsOf(bundle), parts: 4 })).toBe('invalid-argument');
  });
});
