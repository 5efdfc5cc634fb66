import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../random.ts';
import { blockTypes } from './gguf-block-types.ts';
import { blockNames, randomInputs, randomWeight, type BlockName } from './gguf-blocks.ts';
import { errors, kernels } from './kernel-test-addon.ts';
import { float32, linear, shapes, widthOf } from './linear-case.ts';

const sets = kernels.instructionSets();
afterAll(() => {
  kernels.useInstructionSet(sets[0]!);
  kernels.useThreads(2);
});

/** Inputs that share a scale when they are rounded. */
const unit = 32;
const isFloat = (name: BlockName): boolean => blockTypes[name].inputs === 1;

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

describe('linear layers', () => {
  it.each(blockNames)('agree with products in doubles of the same rounded inputs, %s', (name) => {
    kernels.useInstructionSet('portable');
    fc.assert(
      fc.property(shapes, ({ rows, blocks, tokens, isAdded, isFine, seed }) => {
        const random = randomFrom(seed);
        const width = widthOf(name, blocks);
        const weight = randomWeight(name, rows, width, random);
        const inputs = randomInputs(tokens * width, random);
        const added = isAdded ? randomInputs(tokens * rows, random) : undefined;
        const out = linear(weight, inputs, tokens, { added, isFine });
        for (let token = 0; token < tokens; token++) {
          const row = inputs.subarray(token * width, (token + 1) * width);
          const units = isFloat(name)
            ? [...row]
            : Array.from({ length: width / unit }, (_, i) =>
                rounded(row.subarray(unit * i, unit * i + unit), isFine ? 127 * 128 : 127),
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
      { numRuns: 4 },
    );
  });

  it.each([1, 9])('add one row to the products of %i tokens as they add that row to each', (tokens) => {
    const random = randomFrom(tokens);
    const [rows, width] = [35, 64];
    const weight = randomWeight('Q4_0', rows, width, random);
    const inputs = randomInputs(tokens * width, random);
    const row = randomInputs(rows, random);
    const repeated = Float32Array.from({ length: tokens * rows }, (_, i) => row[i % rows]!);
    expect(linear(weight, inputs, tokens, { added: row })).toEqual(linear(weight, inputs, tokens, { added: repeated }));
  });

  it.each(sets)('give the same bits for several outputs of one input as for single outputs with %s', (set) => {
    kernels.useInstructionSet(set);
    const types: readonly BlockName[] = ['Q4_K', 'Q6_K', 'F16'];
    const width = 512;
    for (const [tokens, ...rows] of [
      [1, 64, 16, 16],
      [9, 31, 48],
      [9, 31, 16, 48],
    ] as const) {
      const random = randomFrom(tokens);
      const inputs = randomInputs(tokens * width, random);
      const weights = rows.map((count, i) => randomWeight(types[i]!, count, width, random));
      const outs = weights.map((weight) =>
        float32([1, tokens, weight.real.length], new Float32Array(tokens * weight.real.length)),
      );
      const boxed = weights.flatMap((weight) => [weight.tensor, { int: weight.type }]);
      const input = float32([1, tokens, width], inputs);
      expect(kernels.run(`wyvern::linear_${rows.length}.out`, [input, ...boxed, false, ...outs])).toBe(errors.ok);
      expect(outs.map((out) => out.data)).toEqual(weights.map((weight) => linear(weight, inputs, tokens)));
    }
  });

  it.each(sets)('keep a number that is not finite to its own row with %s', (set) => {
    kernels.useInstructionSet(set);
    for (const name of ['Q4_1', 'Q2_K', 'BF16'] as const) {
      const width = 256;
      const weight = randomWeight(name, 32, width, randomFrom(3));
      const inputs = randomInputs(3 * width, randomFrom(4));
      const row = (token: number): Float32Array => inputs.subarray(token * width, (token + 1) * width);
      const [first, last] = [linear(weight, row(0), 1), linear(weight, row(2), 1)];
      for (const bad of [NaN, Infinity, -Infinity]) {
        row(1)[40] = bad;
        const out = linear(weight, inputs, 3);
        expect([out.subarray(0, 32), out.subarray(64)]).toEqual([first, last]);
        // An infinite input times a float is infinite; a rounded unit with one has no scale.
        expect(out.subarray(32, 64).some(Number.isFinite)).toBe(false);
      }
    }
  });
});
