/** Prompt lookup changes no token and no logit of a model. Tiny models of each architecture write much that came before. */
import fc from 'fast-check';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Model, SamplingOptions, StepOptions } from '../../native/index.d.ts';
import { loadAddon, type Addon } from '../engine/addon.ts';
import { writeBundle } from './bundle.ts';
import { tinyModel, type TinyModel } from './testing/tiny-models.ts';
import { writeGguf } from './testing/write-gguf.ts';

let addon: Addon;
beforeAll(async () => {
  addon = await loadAddon();
});

async function load(tiny: TinyModel): Promise<Model> {
  const folder = mkdtempSync(join(tmpdir(), 'prompt-lookup-'));
  writeGguf(join(folder, 'model.gguf'), tinyModel(tiny));
  await writeBundle(join(folder, 'model.gguf'), join(folder, 'bundle'), {});
  const at = (file: string): string => join(folder, 'bundle', file);
  return await addon.Model.load({ programPath: at('model.pte'), dataPaths: [at('model.ptd')] });
}

type Mode = NonNullable<StepOptions['promptLookup']>;

interface Written {
  readonly tokens: number[];
  readonly positions: number[];
  readonly accepted: number;
}

async function write(model: Model, sampling: SamplingOptions, count: number, promptLookup: Mode): Promise<Written> {
  const sampler = new addon.Sampler(sampling);
  const written: Written[] = [];
  while (written.length < count && model.position + 1 < model.facts.contextLength) {
    const { token, position, accepted } = await model.next(sampler, { promptLookup });
    written.push({ tokens: [token], positions: [position], accepted: accepted === true ? 1 : 0 });
  }
  return {
    tokens: written.flatMap(({ tokens }) => tokens),
    positions: written.flatMap(({ positions }) => positions),
    accepted: written.reduce((sum, { accepted }) => sum + accepted, 0),
  };
}

/** Few different tokens, so that each prompt repeats itself. */
const prompt = fc.array(fc.integer({ min: 40, max: 47 }), { minLength: 1, maxLength: 60 });
const sampling = fc.oneof(
  fc.constant<SamplingOptions>({}),
  fc.record<SamplingOptions>({
    temperature: fc.double({ min: 0.05, max: 0.6, noNaN: true }),
    topK: fc.constantFrom(0, 1, 5, 40),
    topP: fc.constantFrom(0.5, 0.95, 1),
    minP: fc.constantFrom(0, 0.1),
    repetitionPenalty: fc.constantFrom(1, 1, 1.2),
    seed: fc.nat(),
  }),
);
const turn = fc.record({ prompt, sampling, count: fc.integer({ min: 1, max: 60 }), back: fc.nat(80) });

const models: Readonly<Record<string, TinyModel>> = {
  llama: { architecture: 'llama', context: 200 },
  'qwen3, Q4_K': { architecture: 'qwen3', type: 12, context: 200 },
  'gemma3 with a window': {
    architecture: 'gemma3',
    layers: 7,
    context: 200,
    metadata: { 'gemma3.attention.sliding_window': 12 },
  },
  'phi3, output of its own': { architecture: 'phi3', untied: true, context: 200, metadata: { 'general.name': 'Tiny' } },
};

describe.each(Object.entries(models))('%s', (_, tiny) => {
  test('writes the same tokens at the same positions, and leaves the same cache', async () => {
    const [plain, looking] = [await load(tiny), await load(tiny)];
    expect(looking.facts).toMatchObject({ verifyLength: 16, logits: { dtype: 'float32', positions: 'chosen' } });
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 3 }), async (turns) => {
        for (const model of [plain, looking]) model.seek(0);
        for (const { prompt, sampling, count, back } of turns) {
          const tokens = Int32Array.from(prompt.slice(0, plain.facts.contextLength - plain.position));
          for (const model of [plain, looking]) await model.prefill(tokens);
          const expected = await write(plain, sampling, count, 'off');
          const found = await write(looking, sampling, count, 'always');
          expect({ ...found, accepted: 0 }).toEqual(expected);
          accepted += found.accepted;
          const place = Math.max(0, plain.position - back);
          for (const model of [plain, looking]) {
            model.seek(place);
            await model.prefill(Int32Array.of(41));
          }
          expect(looking.logits()).toEqual(plain.logits());
        }
      }),
      { numRuns: 20, seed: 20_261_129 },
    );
    expect(accepted).toBeGreaterThan(100);
    await Promise.all([plain.close(), looking.close()]);
  });
});

test('sampled tokens have the probabilities of the logits, after rejected drafts and after accepted ones', async () => {
  const model = await load({ architecture: 'llama', context: 200 });
  // A greedy text of a tiny model soon goes in a circle. A draft then has the likeliest tokens.
  await model.prefill(Int32Array.of(40, 41, 42, 43));
  const { tokens: circle } = await write(model, {}, 120, 'off');
  const [before, ...likely] = circle.slice(-4, -1);
  const start = model.position - 3;
  const back = async (...tokens: readonly number[]): Promise<void> => {
    model.seek(start);
    await model.prefill(Int32Array.of(before!, ...tokens));
  };
  const [temperature, topK] = [0.5, 8];
  const probabilities: Float64Array[] = [];
  for (const length of [1, 2]) {
    await back(...likely.slice(0, length));
    const logits = Float64Array.from(model.logits()!);
    const least = logits.toSorted().at(-topK)!;
    const weights = logits.map((one) => (one < least ? 0 : Math.exp(one / temperature)));
    const sum = weights.reduce((total, one) => total + one, 0);
    probabilities.push(weights.map((one) => one / sum));
  }

  const counts = probabilities.map(({ length }) => new Float64Array(length));
  for (let seed = 0; seed < 3000; seed++) {
    await back();
    const sampler = new addon.Sampler({ temperature, topK, seed });
    for (const [place, count] of [undefined, ...counts].entries()) {
      const { token, accepted } = await model.next(sampler, { promptLookup: 'always' });
      expect(accepted === true).toBe(place === 2);
      if (count !== undefined) count[token]!++;
      if (token !== likely[place]) break;
    }
  }
  for (const [place, count] of counts.entries()) {
    expect(excess(count, probabilities[place]!)).toBeLessThan(1);
    // The statistic notices twice the temperature.
    const warmer = probabilities[place]!.map(Math.sqrt);
    const sum = warmer.reduce((total, one) => total + one, 0);
    const wrong = warmer.map((one) => one / sum);
    expect(excess(count, wrong)).toBeGreaterThan(1);
  }
  await model.close();
});

/**
 * Pearson's statistic of counts and probabilities, divided by the value that it exceeds once in a thousand times. Tokens that are
 * expected fewer than five times count together.
 */
function excess(counts: Float64Array, probabilities: Float64Array): number {
  const total = counts.reduce((sum, one) => sum + one, 0);
  const rest = { found: 0, expected: 0 };
  const bins: (typeof rest)[] = [];
  for (const [token, found] of counts.entries()) {
    const expected = total * probabilities[token]!;
    // A token with the probability 0 was never sampled.
    if (expected === 0) expect(found).toBe(0);
    else if (expected >= 5) bins.push({ found, expected });
    else [rest.found, rest.expected] = [rest.found + found, rest.expected + expected];
  }
  if (rest.expected > 0) bins.push(rest);
  const degrees = bins.length - 1;
  expect(degrees).toBeGreaterThan(2);
  const statistic = bins.reduce((sum, { found, expected }) => sum + (found - expected) ** 2 / expected, 0);
  // Wilson and Hilferty's approximation of the quantile.
  const spread = 2 / (9 * degrees);
  return statistic / (degrees * (1 - spread + 3.09 * Math.sqrt(spread)) ** 3);
}
