import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../random.ts';
import { blockTypes, randomInputs, randomWeight, type BlockName, type Weight } from './gguf-blocks.ts';
import { dtypes, errors, kernels, type TestTensor } from './kernel-test-addon.ts';

const names = Object.keys(blockTypes) as BlockName[];
const sets = kernels.instructionSets();
afterAll(() => {
  kernels.useInstructionSet(sets[0]!);
  kernels.useThreads(2);
});

const float32 = (sizes: readonly number[], data: Float32Array): TestTensor => ({ dtype: dtypes.float32, sizes, data });

interface Options {
  readonly added?: Float32Array | undefined;
  readonly isFine?: boolean;
}

/** `wyvern::linear` of `[tokens, width]` inputs. @throws if the kernel refuses */
function linear(
  weight: Weight,
  inputs: Float32Array,
  tokens: number,
  { added, isFine = false }: Options = {},
): Float32Array {
  const rows = weight.real.length;
  const out = new Float32Array(tokens * rows).fill(NaN);
  const error = kernels.run('wyvern::linear.out', [
    float32([1, tokens, inputs.length / tokens], inputs),
    weight.tensor,
    { int: weight.type },
    added === undefined ? null : float32([1, tokens, rows], added),
    isFine,
    float32([1, tokens, rows], out),
  ]);
  if (error !== errors.ok) throw new Error(`refused with error ${error}`);
  return out;
}

/** Rounds 32 inputs like the kernels: to a multiple of their greatest magnitude ÷ `steps`. */
function rounded(inputs: Float32Array, steps: number): number[] {
  const greatest = inputs.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (greatest === 0) return [...inputs];
  const [scale, factor] = [Math.fround(greatest / steps), Math.fround(steps / greatest)];
  return Array.from(inputs, (x) => scale * toEven(Math.fround(x * factor)));
}

/** Returns the nearest whole number; of two, the even one. */
function toEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

const shapes = fc.record({
  name: fc.constantFrom(...names),
  rows: fc.oneof(fc.constantFrom(16, 32, 64), fc.integer({ min: 1, max: 70 })),
  blocks: fc.integer({ min: 1, max: 12 }),
  tokens: fc.oneof(fc.constantFrom(1, 8, 16), fc.integer({ min: 1, max: 21 })),
  isAdded: fc.boolean(),
  isFine: fc.boolean(),
  threads: fc.constantFrom(1, 2),
  seed: fc.integer(),
});

describe('linear layers', () => {
  it('agree with products in doubles of the same rounded inputs', () => {
    kernels.useInstructionSet('portable');
    fc.assert(
      fc.property(shapes, ({ name, rows, blocks, tokens, isAdded, isFine, seed }) => {
        const random = randomFrom(seed);
        const width = blocks * blockTypes[name].inputs;
        const weight = randomWeight(name, rows, width, random);
        const inputs = randomInputs(tokens * width, random);
        const added = isAdded ? randomInputs(tokens * rows, random) : undefined;
        const out = linear(weight, inputs, tokens, { added, isFine });
        for (let token = 0; token < tokens; token++) {
          const row = inputs.subarray(token * width, (token + 1) * width);
          const units = Array.from({ length: width / 32 }, (_, i) =>
            rounded(row.subarray(32 * i, 32 * i + 32), isFine ? 127 * 128 : 127),
          ).flat();
          weight.real.forEach((numbers, i) => {
            const terms = units.map((x, j) => x * numbers[j]!);
            const more = added?.[token * rows + i] ?? 0;
            const expected = terms.reduce((sum, term) => sum + term, more);
            // Minima and scales enter separately, and each can be several times as large as their sum.
            const size = terms.reduce((sum, term) => sum + Math.abs(term), Math.abs(more));
            const apart = units.reduce((sum, x) => sum + Math.abs(x), 0) * 8;
            expect(Math.abs(out[token * rows + i]! - expected)).toBeLessThanOrEqual((size + apart) * 2 ** -21);
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each(sets)('give each row the bits of portable code with %s, with any other rows beside it', (set) => {
    fc.assert(
      fc.property(shapes, ({ name, rows, blocks, tokens, isAdded, isFine, threads, seed }) => {
        const random = randomFrom(seed);
        const width = blocks * blockTypes[name].inputs;
        const weight = randomWeight(name, rows, width, random);
        const inputs = randomInputs(tokens * width, random);
        const added = isAdded ? randomInputs(tokens * rows, random) : undefined;
        kernels.useThreads(threads);
        kernels.useInstructionSet('portable');
        const expected = linear(weight, inputs, tokens, { added, isFine });
        kernels.useInstructionSet(set);
        expect(linear(weight, inputs, tokens, { added, isFine })).toEqual(expected);
        for (let token = 0; token < tokens; token++) {
          const [from, to] = [token * rows, (token + 1) * rows];
          const alone = linear(weight, inputs.subarray(token * width, (token + 1) * width), 1, {
            added: added?.subarray(from, to),
            isFine,
          });
          expect(alone).toEqual(expected.subarray(from, to));
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each(sets)('give the same bits for several outputs of one input as for single outputs with %s', (set) => {
    kernels.useInstructionSet(set);
    for (const [tokens, ...rows] of [
      [1, 64, 16, 16],
      [9, 31, 48],
    ] as const) {
      const random = randomFrom(tokens);
      const inputs = randomInputs(tokens * 96, random);
      const weights = rows.map((count, i) => randomWeight(i === 0 ? 'Q4_1' : 'Q8_0', count, 96, random));
      const outs = weights.map((weight) =>
        float32([1, tokens, weight.real.length], new Float32Array(tokens * weight.real.length)),
      );
      const boxed = weights.flatMap((weight) => [weight.tensor, { int: weight.type }]);
      const input = float32([1, tokens, 96], inputs);
      expect(kernels.run(`wyvern::linear_${rows.length}.out`, [input, ...boxed, false, ...outs])).toBe(errors.ok);
      expect(outs.map((out) => out.data)).toEqual(weights.map((weight) => linear(weight, inputs, tokens)));
    }
  });

  it.each(sets)('keep a number that is not finite to its own row with %s', (set) => {
    kernels.useInstructionSet(set);
    const weight = randomWeight('Q4_1', 32, 64, randomFrom(3));
    const inputs = randomInputs(3 * 64, randomFrom(4));
    const [first, last] = [linear(weight, inputs.subarray(0, 64), 1), linear(weight, inputs.subarray(128), 1)];
    for (const bad of [NaN, Infinity, -Infinity]) {
      inputs[64 + 40] = bad;
      const out = linear(weight, inputs, 3);
      expect([out.subarray(0, 32), out.subarray(64)]).toEqual([first, last]);
      expect(out.subarray(32, 64).every(Number.isNaN)).toBe(true);
    }
  });
});

it.each(names)('reads rows of a %s table', (name) => {
  const width = 2 * blockTypes[name].inputs;
  const weight = randomWeight(name, 48, width, randomFrom(5));
  const tokens = BigInt64Array.of(0n, 47n, 17n);
  const out = new Float32Array(3 * width);
  const args = [weight.tensor, { int: weight.type }, { dtype: dtypes.int64, sizes: [1, 3], data: tokens }];
  expect(kernels.run('wyvern::embedding.out', [...args, float32([1, 3, width], out)])).toBe(errors.ok);
  const real = [0, 47, 17].flatMap((row) => [...weight.real[row]!]);
  expect(out.every((x, i) => Math.abs(x - real[i]!) <= 2 ** -23 * 8)).toBe(true);
});
