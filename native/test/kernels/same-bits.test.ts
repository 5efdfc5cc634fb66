/** A text must be the same on every processor and for every cut of its prompt. Linear layers: linear-bits.test.ts. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { randomFrom, type Random } from '../random.ts';
import { dtypes, errors, kernels, type Boxed, type TestTensor } from './kernel-test-addon.ts';

const sets = kernels.instructionSets();
afterAll(() => {
  kernels.useInstructionSet(sets[0]!);
  kernels.useThreads(2);
});

const floats = (count: number, random: Random): Float32Array =>
  Float32Array.from({ length: count }, () => 8 * (random() - 0.5));
const tensor = (sizes: readonly number[], data: Float32Array): TestTensor => ({ dtype: dtypes.float32, sizes, data });

/** The result of an operator whose output comes last. */
function result(set: string, operator: string, args: readonly Boxed[], sizes: readonly number[]): Float32Array {
  kernels.useInstructionSet(set);
  const out = new Float32Array(sizes.reduce((product, size) => product * size, 1)).fill(NaN);
  expect(kernels.run(operator, [...args, tensor(sizes, out)])).toBe(errors.ok);
  return out;
}

/** Causal attention of `tokens` queries from `start` on, over the first `start + tokens` slots. */
interface Heads {
  readonly kvHeads: number;
  readonly group: number;
  readonly dim: number;
}

function attention(
  set: string,
  { kvHeads, group, dim }: Heads,
  {
    query,
    key,
    value,
    start,
    slots,
  }: Readonly<Record<'query' | 'key' | 'value', Float32Array>> & {
    readonly start: number;
    readonly slots: number;
  },
): Float32Array {
  const tokens = query.length / (kvHeads * group * dim);
  const cache = [1, slots, kvHeads, dim];
  const sizes = [1, tokens, kvHeads * group, dim];
  const operands = [tensor(sizes, query), tensor(cache, key), tensor(cache, value)];
  return result(set, 'llama::custom_sdpa.out', [...operands, { int: start }, null, { float: 0 }, true, null], sizes);
}

const cases = fc.record({
  kvHeads: fc.integer({ min: 1, max: 3 }),
  group: fc.integer({ min: 1, max: 5 }),
  dim: fc.constantFrom(16, 24, 64, 65, 128),
  tokens: fc.integer({ min: 1, max: 40 }),
  start: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 100, max: 420 })),
  threads: fc.constantFrom(1, 2),
  seed: fc.integer(),
});

describe.each(sets)('attention with %s', (set) => {
  it('gives the bits of portable code and of single tokens', () => {
    fc.assert(
      fc.property(cases, ({ kvHeads, group, dim, tokens, start, threads, seed }) => {
        const random = randomFrom(seed);
        const [slots, width] = [start + tokens, kvHeads * group * dim];
        const query = floats(tokens * width, random);
        const [key, value] = [floats(slots * kvHeads * dim, random), floats(slots * kvHeads * dim, random)];
        const heads = { kvHeads, group, dim };
        kernels.useThreads(3 - threads);
        const expected = attention('portable', heads, { query, key, value, start, slots });
        kernels.useThreads(threads);
        expect(attention(set, heads, { query, key, value, start, slots })).toEqual(expected);
        for (let token = 0; token < tokens; token += 7) {
          const [from, to] = [token * width, (token + 1) * width];
          const one = { query: query.subarray(from, to), key, value, start: start + token, slots };
          expect(attention(set, heads, one)).toEqual(expected.subarray(from, to));
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(sets)('with %s', (set) => {
  const widths = [1, 7, 16, 40, 576, 1537];

  it.each(widths)('norms of %i elements are right and have the bits of portable code', (width) => {
    const random = randomFrom(width);
    const [x, weight] = [floats(3 * width, random), floats(width, random)];
    const args = [tensor([1, 3, width], x), tensor([width], weight), { float: 1e-5 }];
    const out = result(set, 'wyvern::rms_norm.out', args, [1, 3, width]);
    expect(out).toEqual(result('portable', 'wyvern::rms_norm.out', args, [1, 3, width]));
    const mean = x.subarray(0, width).reduce((sum, value) => sum + value * value, 0) / width;
    weight.forEach((factor, i) => {
      const expected = (x[i]! / Math.sqrt(mean + 1e-5)) * factor;
      expect(Math.abs(out[i]! - expected)).toBeLessThanOrEqual(Math.abs(expected) * 2 ** -21);
    });
  });

  it.each(widths)('gated units of %i elements are right and have the bits of portable code', (width) => {
    const random = randomFrom(width);
    const [gate, up] = [floats(width, random), floats(width, random)];
    [0, -0, 100, -100, 1e30, -1e30].forEach((value, i) => {
      if (i < width) gate[i] = value;
    });
    const args = [tensor([1, width], gate), tensor([1, width], up)];
    const out = result(set, 'wyvern::silu_mul.out', args, [1, width]);
    expect(out).toEqual(result('portable', 'wyvern::silu_mul.out', args, [1, width]));
    gate.forEach((x, i) => {
      const expected = (x / (1 + Math.exp(-x))) * up[i]!;
      // e^x below 2^-127 is 0 here.
      expect(Math.abs(out[i]! - expected)).toBeLessThanOrEqual(Math.abs(expected) * 2 ** -19 + 1e-30);
    });
  });

  it.each(widths)('units with GELU of %i elements are right and have the bits of portable code', (width) => {
    const random = randomFrom(width);
    const [gate, up] = [floats(width, random), floats(width, random)];
    [0, -0, 100, -100, 1e30, -1e30].forEach((value, i) => {
      if (i < width) gate[i] = value;
    });
    const args = [tensor([1, width], gate), tensor([1, width], up)];
    const out = result(set, 'wyvern::gelu_mul.out', args, [1, width]);
    expect(out).toEqual(result('portable', 'wyvern::gelu_mul.out', args, [1, width]));
    gate.forEach((x, i) => {
      const share = 1 / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
      const expected = x * share * up[i]!;
      // The exponent's rounding grows with the exponent.
      expect(Math.abs(out[i]! - expected)).toBeLessThanOrEqual(Math.abs(expected) * 2 ** -15 + 1e-8);
    });
  });

  it('heads that are rotated in part keep their other elements, whichever shape the input has', () => {
    const random = randomFrom(5);
    const [dim, half] = [10, 3];
    const x = floats(2 * 3 * dim, random);
    const angles = floats(9 * half, random);
    const turn = [tensor([9, half], angles.map(Math.cos)), tensor([9, half], angles.map(Math.sin)), { int: 7 }];
    const out = result(set, 'wyvern::rotate.out', [tensor([1, 2, 3, dim], x), ...turn], [1, 2, 3, dim]);
    expect(out).toEqual(result(set, 'wyvern::rotate.out', [tensor([1, 2, 3 * dim], x), ...turn], [1, 2, 3, dim]));
    for (let head = 0; head < 6; head++) {
      const [from, rest] = [head * dim, head * dim + 2 * half];
      expect(out.subarray(rest, from + dim)).toEqual(x.subarray(rest, from + dim));
      const angle = (7 + Math.floor(head / 3)) * half;
      expect(out[from]).toBeCloseTo(
        x[from]! * Math.cos(angles[angle]!) - x[from + half]! * Math.sin(angles[angle]!),
        5,
      );
    }
  });

  it.each([2, 10, 64, 128])('rotated heads of %i elements are right and have the bits of portable code', (dim) => {
    const random = randomFrom(dim);
    const [x, half] = [floats(2 * 3 * dim, random), dim / 2];
    const angles = floats(9 * half, random);
    const [cos, sin] = [angles.map(Math.cos), angles.map(Math.sin)];
    const args = [tensor([1, 2, 3 * dim], x), tensor([9, half], cos), tensor([9, half], sin), { int: 7 }];
    const out = result(set, 'wyvern::rotate.out', args, [1, 2, 3, dim]);
    expect(out).toEqual(result('portable', 'wyvern::rotate.out', args, [1, 2, 3, dim]));
    for (let i = 0; i < half; i++) {
      // The second token, its last head: position 8.
      const [at, turn] = [5 * dim + i, 8 * half + i];
      const [first, second] = [x[at]!, x[at + half]!];
      expect(out[at]).toBeCloseTo(first * cos[turn]! - second * sin[turn]!, 5);
      expect(out[at + half]).toBeCloseTo(second * cos[turn]! + first * sin[turn]!, 5);
    }
  });
});

it('the mask of a window shows each token its last slots', () => {
  const out = result(
    sets[0]!,
    'wyvern::window_mask.out',
    [tensor([1, 2, 1], new Float32Array(2)), { int: 3 }, { int: 3 }],
    [2, 6],
  );
  const hidden = -Infinity;
  expect([...out]).toEqual([hidden, 0, 0, 0, hidden, hidden, hidden, hidden, 0, 0, 0, hidden]);
  const beyond = [tensor([1, 4, 1], new Float32Array(4)), { int: 3 }, { int: 3 }, tensor([4, 6], new Float32Array(24))];
  expect(kernels.run('wyvern::window_mask.out', beyond)).toBe(errors.invalidArgument);
});
