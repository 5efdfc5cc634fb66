/** The guard before upstream's convolution. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dtypes, errors, kernels, type Boxed, type TestTensor } from './kernel-test-addon.ts';

const operator = 'aten::convolution.out';
const tensor = (sizes: readonly number[], data = new Float32Array(4096)): TestTensor => ({
  dtype: dtypes.float32,
  sizes,
  data,
});
const ints = (...numbers: number[]): Boxed => ({ ints: numbers });

/** One filter for each of three channels, over four tokens: LFM2's short convolution. */
function short(): { readonly args: readonly Boxed[]; readonly out: Float32Array } {
  const out = new Float32Array(6);
  const input = tensor(
    [1, 3, 4],
    Float32Array.from({ length: 12 }, (_, i) => i),
  );
  const weight = tensor([3, 1, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 1, 1, 1));
  const steps = [ints(1), ints(0), ints(1), false, ints(0), { int: 3 }];
  const result = tensor([1, 3, 2], out);
  return { args: [input, weight, null, ...steps, result, result], out };
}

it('convolves each channel', () => {
  const { args, out } = short();
  expect(kernels.run(operator, args)).toBe(errors.ok);
  expect([...out]).toEqual([0, 1, 5, 6, 27, 30]);
});

describe('refuses', () => {
  it.each<readonly [string, number, Boxed]>([
    ['no groups', 8, { int: 0 }],
    ['negative groups', 8, { int: -3 }],
    ['groups that do not divide the channels', 8, { int: 2 }],
    ['no stride', 3, ints()],
    ['a stride of zero', 3, ints(0)],
    ['a negative dilation', 5, ints(-1)],
    ['a huge padding', 4, ints(2 ** 53)],
    ['a stride that is no list', 3, { int: 1 }],
    ['a transposed convolution', 6, true],
    ['a weight that is longer than the input', 1, tensor([3, 1, 5])],
    ['a weight for other channels', 1, tensor([3, 2, 3])],
    ['a weight without elements', 1, tensor([3, 1, 0])],
    ['a weight of another dtype', 1, { ...tensor([3, 1, 3]), dtype: dtypes.float64 }],
    ['a bias of another length', 2, tensor([2])],
    ['an input of another rank', 0, tensor([1, 3, 4, 1])],
    ['an output of another rank', 9, tensor([3, 2])],
  ])('%s', (_, index, replacement) => {
    const { args, out } = short();
    expect(kernels.run(operator, args.with(index, replacement))).not.toBe(errors.ok);
    expect([...out]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('or runs, whatever the numbers are', () => {
    const number = fc.integer({ min: -2, max: 5 });
    const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        sizes,
        sizes,
        sizes,
        fc.array(number, { maxLength: 3 }),
        number,
        (input, weight, out, steps, groups) => {
          const args = [tensor(input), tensor(weight), null, ints(...steps), ints(...steps), ints(...steps)];
          const result = tensor(out);
          const code = kernels.run(operator, [...args, false, ints(0), { int: groups }, result, result]);
          expect(Object.values<number>(errors)).toContain(code);
        },
      ),
      { numRuns: 500 },
    );
  });
});
