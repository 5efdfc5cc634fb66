/** Every byte of a program is hostile: a kernel refuses bad arguments with a message and writes nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attentionCase, type AttentionShape } from './attention-case.ts';
import { dtypes, errors, kernels, type Boxed, type TestTensor } from './kernel-test-addon.ts';

const shape: AttentionShape = {
  batch: 1,
  kvHeads: 2,
  group: 2,
  tokens: 3,
  start: 4,
  spare: 1,
  dim: 8,
  visible: 'causal',
  element: 'float32',
  headsFirst: false,
  scale: undefined,
  seed: 1,
};
const slots = 8;
const tensor = (dtype: number, ...sizes: number[]): TestTensor => ({ dtype, sizes, data: new Float64Array(4096) });
const { float32, float64, float16, int8, int64 } = dtypes;

/** [the fault, argument to replace, its replacement, error] */
type Attack = readonly [string, number, Boxed, number];

const sdpa: Attack[] = [
  ['a position past the end', 3, { int: slots - 2 }, errors.invalidArgument],
  ['a negative position', 3, { int: -1 }, errors.invalidArgument],
  ['a position that overflows', 3, { int: 2 ** 63 - 1024 }, errors.invalidArgument],
  ['a position that is no number', 3, null, errors.invalidType],
  ['a query of three dimensions', 0, tensor(float32, 3, 4, 8), errors.invalidArgument],
  ['a query of another dtype', 0, tensor(float64, 1, 3, 4, 8), errors.invalidArgument],
  ['a query of integers', 0, tensor(int64, 1, 3, 4, 8), errors.invalidArgument],
  ['another batch', 0, tensor(float32, 2, 3, 4, 8), errors.invalidArgument],
  ['query heads that do not divide', 0, tensor(float32, 1, 3, 5, 8), errors.invalidArgument],
  ['another head size', 0, tensor(float32, 1, 3, 4, 16), errors.invalidArgument],
  ['more tokens than slots', 0, tensor(float32, 1, 9, 4, 8), errors.invalidArgument],
  ['a key of another shape than the value', 1, tensor(float32, 1, slots, 1, 8), errors.invalidArgument],
  ['a key of another dtype', 1, tensor(float16, 1, slots, 2, 8), errors.invalidArgument],
  ['a key without heads', 1, tensor(float32, 1, slots, 0, 8), errors.invalidArgument],
  ['a key that is no tensor', 1, { int: 1 }, errors.invalidType],
  [
    'a key in another memory order',
    1,
    { ...tensor(float32, 1, slots, 2, 8), order: [0, 3, 1, 2] },
    errors.invalidArgument,
  ],
  ['a key without memory', 1, { dtype: float32, sizes: [1, slots, 2, 8] }, errors.invalidArgument],
  ['a mask together with causality', 4, tensor(float32, 3, slots), errors.invalidArgument],
  ['a mask that is no tensor', 4, { float: 1 }, errors.invalidType],
  ['dropout', 5, { float: 0.1 }, errors.notSupported],
  ['a causality that is no truth value', 6, { int: 1 }, errors.invalidType],
  ['a scale that is no number', 7, true, errors.invalidType],
];

const quantized: Attack[] = [
  ['no zero points', 8, null, errors.invalidArgument],
  ['no scales', 11, null, errors.invalidArgument],
  ['scales of another dtype', 9, tensor(float64, 1, 3, 4, 1), errors.invalidArgument],
  ['zero points of another dtype', 8, tensor(float32, 1, 3, 4, 1), errors.invalidArgument],
  ['too few scales', 11, tensor(float32, 1, slots, 1, 1), errors.invalidArgument],
  ['too few zero points', 12, tensor(int8, 1, slots - 1, 2, 1), errors.invalidArgument],
  ['a scale for each element', 11, tensor(float32, 1, slots, 2, 8), errors.invalidArgument],
  ['a float query', 0, tensor(float32, 1, 3, 4, 8), errors.invalidArgument],
  ['the other layout', 14, true, errors.invalidArgument],
];

const masks: Attack[] = [
  ['too few columns', 4, tensor(float32, 3, slots - 1), errors.invalidArgument],
  ['too few rows', 4, tensor(float32, 2, slots), errors.invalidArgument],
  ['a mask for each head', 4, tensor(float32, 4, 3, slots), errors.invalidArgument],
  ['one dimension', 4, tensor(float32, 3 * slots), errors.invalidArgument],
  ['a mask of integers', 4, tensor(int64, 3, slots), errors.invalidArgument],
];

describe.each([
  { name: 'custom_sdpa', change: {}, attacks: sdpa },
  { name: 'custom_sdpa with a mask', change: { visible: 'mask' as const }, attacks: masks },
  { name: 'custom_quantized_sdpa', change: { element: 'int8' as const }, attacks: quantized },
])('$name refuses', ({ change, attacks }) => {
  it.each(attacks)('%s', (_, index, replacement, error) => {
    const { operator, args, result } = attentionCase({ ...shape, ...change });
    expect(kernels.run(operator, args.with(index, replacement))).toBe(error);
    expect(result().every((x) => x === 7)).toBe(true);
  });

  it('an output of another dtype, rank, or too small', () => {
    for (const out of [tensor(float64, 1, 3, 4, 8), tensor(float32, 3, 4, 8), tensor(float32, 1, 2, 4, 8), null]) {
      const { operator, args } = attentionCase({ ...shape, ...change });
      expect(kernels.run(operator, args.with(-1, out))).not.toBe(errors.ok);
      expect(out?.data?.every((x) => Number(x) === 0) ?? true).toBe(true);
    }
  });
});

describe('every operator', () => {
  const values = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.record({ int: fc.oneof(fc.integer({ min: -3, max: 12 }), fc.maxSafeInteger()) }),
    fc.record({ float: fc.double() }),
    fc.record({
      dtype: fc.constantFrom(...Object.values(dtypes)),
      sizes: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 }),
      data: fc.constant(new Float64Array(1024)),
    }),
  );

  it.each(kernels.operators())('%s survives any arguments, and refuses too few', (operator) => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 17 }), (args) => {
        expect(Object.values<number>(errors)).toContain(kernels.run(operator, args));
      }),
      { numRuns: 300 },
    );
    expect(kernels.run(operator, [])).toBe(errors.invalidProgram);
  });
});
