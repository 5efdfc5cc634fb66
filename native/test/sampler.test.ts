import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SamplingOptions } from '../index.d.ts';
import { addon, codeOf } from './addon.ts';

const finite = fc.float({ min: -60, max: 60, noNaN: true });
const any = fc.oneof(
  { weight: 9, arbitrary: finite },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);
/** Makes logits with at least one finite value, for several blocks of the scan. */
const logits = fc
  .array(any, { minLength: 1, maxLength: 300 })
  .filter((values) => values.some(Number.isFinite))
  .map((values) => Float32Array.from(values));
const seed = fc.integer({ min: 0, max: 2 ** 53 - 1 });
const options = fc.record(
  {
    temperature: fc.double({ min: 0, max: 3, noNaN: true }),
    topK: fc.nat(400),
    topP: fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true }),
    minP: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    repetitionPenalty: fc.double({ min: 0.5, max: 2, noNaN: true }),
    repetitionWindow: fc.nat(80),
    seed,
  },
  { requiredKeys: [] },
);

function greedy(values: Float32Array): number {
  let best = -1;
  values.forEach((value, id) => {
    if (Number.isFinite(value) && (best < 0 || value > values[best]!)) best = id;
  });
  return best;
}

/** Computes a sampler's probabilities from the definition of its options, in doubles. */
function distribution(
  values: Float32Array,
  { temperature = 1, topK = 0, topP = 1, minP = 0 }: SamplingOptions,
): number[] {
  const highest = values[greedy(values)]!;
  const ranked = [...values.keys()]
    .filter((id) => Number.isFinite(values[id]))
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, topK > 0 ? topK : undefined);
  const weights = new Map(ranked.map((id) => [id, Math.exp((values[id]! - highest) / temperature)]));
  const sum = (ids: Iterable<number>) => [...ids].reduce((total, id) => total + weights.get(id)!, 0);
  const total = sum(ranked);
  const nucleus: number[] = [];
  for (const id of ranked) if (sum(nucleus) < topP * total) nucleus.push(id);
  const kept = nucleus.filter((id) => weights.get(id)! >= minP);
  const mass = sum(kept);
  return [...values.keys()].map((id) => (kept.includes(id) ? weights.get(id)! / mass : 0));
}

function frequencies(values: Float32Array, how: SamplingOptions, draws = 20_000): number[] {
  const sampler = new addon.Sampler({ ...how, seed: 42 });
  const counts = new Array<number>(values.length).fill(0);
  for (let i = 0; i < draws; i += 1) counts[sampler.sample(values)]! += 1;
  return counts.map((count) => count / draws);
}

describe('greedy', () => {
  test('takes the highest finite logit, the lowest id among equals', () => {
    fc.assert(
      fc.property(logits, (values) => new addon.Sampler().sample(values) === greedy(values)),
      { numRuns: 500 },
    );
  });

  test('finds the highest logit at every place of a large vocabulary', () => {
    const values = new Float32Array(128_256).fill(-1);
    for (const id of [0, 63, 64, 65, 1000, 128_255]) {
      values[id] = 1;
      expect(new addon.Sampler().sample(values)).toBe(id);
      values[id] = -1;
    }
  });

  test('a temperature too small for its inverse is greedy, not a crash', () => {
    const values = Float32Array.of(1, 3, 3 - 1e-3, -1);
    expect(new addon.Sampler({ temperature: 5e-324, seed: 1 }).sample(values)).toBe(1);
  });
});

describe('chance', () => {
  test('chooses only finite logits, with any options', () => {
    fc.assert(
      fc.property(logits, options, (values, how) => Number.isFinite(values[new addon.Sampler(how).sample(values)])),
      { numRuns: 2000 },
    );
  });

  test('the same seed gives the same tokens, and the seed in use can be read', () => {
    fc.assert(
      fc.property(logits, options, (values, how) => {
        const first = new addon.Sampler({ temperature: 1, ...how });
        const second = new addon.Sampler({ temperature: 1, ...how, seed: first.seed });
        const draw = (sampler: typeof first) => Array.from({ length: 8 }, () => sampler.sample(values));
        expect(draw(second)).toEqual(draw(first));
      }),
    );
  });

  test('different seeds, given or drawn, give different tokens', () => {
    const values = new Float32Array(1000);
    const draw = (how: SamplingOptions) => {
      const sampler = new addon.Sampler({ temperature: 1, ...how });
      return Array.from({ length: 8 }, () => sampler.sample(values)).join();
    };
    expect(new Set([draw({ seed: 1 }), draw({ seed: 2 }), draw({}), draw({})]).size).toBe(4);
  });

  const values = Float32Array.of(0, 2, NaN, 1, -1, 1.5, -Infinity, 2, 0.5, Infinity, -3);
  test.each<SamplingOptions>([
    { temperature: 1 },
    { temperature: 0.4 },
    { temperature: 2.5 },
    { temperature: 1, topK: 3 },
    { temperature: 1, topK: 1000 },
    { temperature: 1, topP: 0.7 },
    { temperature: 0.8, topP: 0.0001 },
    { temperature: 1, minP: 0.3 },
    { temperature: 1, topK: 6, topP: 0.8, minP: 0.2 },
  ])('frequencies follow the definition: %o', (how) => {
    const expected = distribution(values, how);
    frequencies(values, how).forEach((frequency, id) => {
      // Five standard deviations of 20,000 draws; zero for tokens that are not allowed.
      const spread = Math.sqrt((expected[id]! * (1 - expected[id]!)) / 20_000);
      expect(Math.abs(frequency - expected[id]!)).toBeLessThanOrEqual(5 * spread);
    });
  });

  test('never leaves the set that top-k, top-p and min-p allow', () => {
    fc.assert(
      fc.property(logits, options, (values, how) => {
        const settings = { ...how, temperature: Math.max(how.temperature ?? 1, 0.05), repetitionPenalty: 1 };
        // Slack for the last bits of float at the end of a set.
        const allowed = distribution(values, {
          ...settings,
          topP: Math.min(1, (how.topP ?? 1) + 1e-5),
          minP: (how.minP ?? 0) * (1 - 1e-5),
        });
        const sampler = new addon.Sampler(settings);
        for (let i = 0; i < 8; i += 1) expect(allowed[sampler.sample(values)]).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('repetition penalty', () => {
  test('divides positive and multiplies negative logits of recent tokens, once each', () => {
    const sampler = new addon.Sampler({ repetitionPenalty: 2 });
    expect(sampler.sample(Float32Array.of(3, 2, 1), Int32Array.of(0))).toBe(1);
    expect(sampler.sample(Float32Array.of(3, 1, 0.5), Int32Array.of(0, 0, 0))).toBe(0);
    expect(sampler.sample(Float32Array.of(-1, -1.5, -4), Int32Array.of(0))).toBe(1);
  });

  test('covers only the latest tokens', () => {
    const recent = Int32Array.of(0, 5, 5, 5);
    const values = Float32Array.of(3, 2, 1);
    expect(new addon.Sampler({ repetitionPenalty: 2, repetitionWindow: 3 }).sample(values, recent)).toBe(0);
    expect(new addon.Sampler({ repetitionPenalty: 2, repetitionWindow: 4 }).sample(values, recent)).toBe(1);
    expect(new addon.Sampler({ repetitionPenalty: 2, repetitionWindow: 0 }).sample(values, recent)).toBe(0);
  });

  test('does not change the logits and ignores ids outside of them', () => {
    const values = Float32Array.of(3, 2, 1);
    new addon.Sampler({ repetitionPenalty: 2 }).sample(values, Int32Array.of(0, -1, 99, 2 ** 31 - 1));
    expect([...values]).toEqual([3, 2, 1]);
  });
});

describe('refuses', () => {
  test.each([
    { temperature: -0.1 },
    { temperature: NaN },
    { temperature: Infinity },
    { topK: -1 },
    { topK: 1.5 },
    { topP: 0 },
    { topP: 1.01 },
    { minP: 1 },
    { minP: -0.1 },
    { repetitionPenalty: 0 },
    { repetitionPenalty: -1 },
    { repetitionWindow: -1 },
    { seed: -1 },
    { seed: 2 ** 53 },
    { seed: 0.5 },
    { temperature: '1' },
    { temperatur: 1 },
    null,
    [],
    7,
  ])('options %j', async (how) => {
    expect(await codeOf(() => new addon.Sampler(how as SamplingOptions))).toBe('invalid-argument');
  });

  test.each([
    [[]],
    [[new Float32Array(0)]],
    [[Float32Array.of(NaN, Infinity, -Infinity)]],
    [[[1, 2]]],
    [[new Float64Array(2)]],
    [[new Float32Array(2), [1]]],
  ])('arguments %j', async (args) => {
    const sampler = new addon.Sampler();
    expect(await codeOf(() => Reflect.apply(sampler.sample.bind(sampler), undefined, args))).toBe('invalid-argument');
  });
});
