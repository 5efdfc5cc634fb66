import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { dtypes, errors, kernels, type Boxed, type TestTensor } from './kernel-test-addon.ts';

const perToken = 'quantized_decomposed::choose_qparams_per_token_asymmetric.out';
const perTensor = 'quantized_decomposed::choose_qparams.Tensor_out';
const { float32, float16, float64, int64, int8 } = dtypes;

const tensor = (dtype: number, sizes: readonly number[], data: NodeJS.TypedArray): TestTensor => ({
  dtype,
  sizes,
  data,
});

/** Programs also name the two results as one value; the kernels ignore it. */
const both = null;

/** Returns the parameters of two tokens of four values, or a message if the kernel refuses. */
function parameters(values: readonly number[]): { scales: number[]; zeroPoints: bigint[] } | number {
  const scales = new Float64Array(2);
  const zeroPoints = new BigInt64Array(2);
  const error = kernels.run(perToken, [
    tensor(float32, [1, 2, 4], Float32Array.from(values)),
    { int: int8 },
    tensor(float64, [1, 2, 1], scales),
    tensor(int64, [1, 2, 1], zeroPoints),
    both,
  ]);
  return error === errors.ok ? { scales: [...scales], zeroPoints: [...zeroPoints] } : error;
}

describe('upstream’s choice of a quantisation step', () => {
  it('stays the same', () => {
    expect(parameters([0, 0.5, 1, 2.55, -1, 0, 1, 1.55])).toEqual({
      scales: [expect.closeTo(0.01, 6), expect.closeTo(0.01, 6)],
      zeroPoints: [-128n, -28n],
    });
  });

  test('a quantised cache refuses NaN instead of ending the process', () => {
    for (const wrong of [NaN, Infinity, -Infinity]) {
      expect(parameters([0, 1, 2, 3, 4, 5, wrong, 7])).toBe(errors.invalidArgument);
    }
  });

  it('survives any values', () => {
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 8, maxLength: 8 }), (values) => {
        const finite = values.every((value) => Number.isFinite(value));
        expect(typeof parameters(values)).toBe(finite ? 'object' : 'number');
      }),
      { numRuns: 2000 },
    );
  });

  const input = tensor(float32, [1, 2, 4], new Float32Array(8).fill(1));
  const scale = tensor(float64, [1, 2, 1], new Float64Array(2));
  const zeroPoint = tensor(int64, [1, 2, 1], new BigInt64Array(2));
  const wrong: readonly (readonly [string, readonly Boxed[], number])[] = [
    [
      'an input of half precision',
      [tensor(float16, [1, 2, 4], new Uint16Array(8)), { int: int8 }, scale, zeroPoint],
      errors.invalidArgument,
    ],
    [
      'an empty input',
      [tensor(float32, [1, 0, 4], new Float32Array(1)), { int: int8 }, scale, zeroPoint],
      errors.invalidArgument,
    ],
    [
      'an input without dimensions',
      [tensor(float32, [], new Float32Array(1)), { int: int8 }, scale, zeroPoint],
      errors.invalidArgument,
    ],
    [
      'scales of another dtype',
      [input, { int: int8 }, tensor(float32, [1, 2, 1], new Float32Array(2)), zeroPoint],
      errors.invalidArgument,
    ],
    [
      'scales that are too few',
      [input, { int: int8 }, tensor(float64, [1, 1, 1], new Float64Array(1)), zeroPoint],
      errors.invalidArgument,
    ],
    [
      'zero points of another rank',
      [input, { int: int8 }, scale, tensor(int64, [2], new BigInt64Array(2))],
      errors.invalidArgument,
    ],
    ['too few arguments', [input, { int: int8 }, scale], errors.invalidProgram],
  ];
  it.each(wrong)('refuses %s', (_, args, error) => {
    expect(kernels.run(perToken, args)).toBe(error);
  });

  it('refuses the same arguments for a whole tensor', () => {
    const whole = (values: readonly number[]): number =>
      kernels.run(perTensor, [
        tensor(float32, [values.length], Float32Array.from(values)),
        ...[{ int: -128 }, { int: 127 }, { float: 1e-6 }, { int: int8 }],
        tensor(float64, [1], new Float64Array(1)),
        tensor(int64, [1], new BigInt64Array(1)),
        both,
      ]);
    expect(whole([0, 1, 2])).toBe(errors.ok);
    expect(whole([0, NaN, 2])).toBe(errors.invalidArgument);
  });
});
