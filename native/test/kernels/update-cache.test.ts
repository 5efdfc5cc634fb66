import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../random.ts';
import { dtypes, errors, kernels, type TestTensor } from './kernel-test-addon.ts';

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  tokens: fc.integer({ min: 0, max: 9 }),
  slots: fc.integer({ min: 1, max: 12 }),
  heads: fc.integer({ min: 1, max: 3 }),
  dim: fc.integer({ min: 1, max: 5 }),
  start: fc.integer({ min: -2, max: 14 }),
  kind: fc.constantFrom(['int8', Int8Array], ['float32', Float32Array], ['float64', Float64Array]),
  seed: fc.integer(),
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

const guard = 8;

/** Value and cache of a case. The cache and the memory around it hold −1 everywhere. */
function tensors({ batch, tokens, slots, heads, dim, kind: [dtype, Array], seed }: Case): {
  value: TestTensor & { data: { [i: number]: number } };
  cache: TestTensor;
  storage: { [i: number]: number } & ArrayLike<number>;
  out: TestTensor;
} {
  const random = randomFrom(seed);
  const value = new Array(batch * tokens * heads * dim).map(() => Math.floor(random() * 100));
  const size = batch * slots * heads * dim;
  const storage = new Array(size + 2 * guard).fill(-1);
  return {
    value: { dtype: dtypes[dtype], sizes: [batch, tokens, heads, dim], data: value },
    cache: { dtype: dtypes[dtype], sizes: [batch, slots, heads, dim], data: storage.subarray(guard, guard + size) },
    storage,
    out: { dtype: dtypes[dtype], sizes: [1], data: new Array(1) },
  };
}

/** The storage after token `t` of row `b` went to slot `slotOf(b, t)`. */
function expectedStorage(
  shape: Case,
  value: ArrayLike<number>,
  slotOf: (row: number, token: number) => number,
): number[] {
  const { batch, tokens, slots, heads, dim } = shape;
  const width = heads * dim;
  const storage = Array<number>(batch * slots * width + 2 * guard).fill(-1);
  for (let row = 0; row < batch; row++) {
    for (let token = 0; token < tokens; token++) {
      for (let i = 0; i < width; i++) {
        storage[guard + (row * slots + slotOf(row, token)) * width + i] = value[(row * tokens + token) * width + i]!;
      }
    }
  }
  return storage;
}

describe('llama::update_cache.out', () => {
  it('copies tokens to their slots, or refuses and writes nothing', () => {
    fc.assert(
      fc.property(cases, (shape) => {
        const { value, cache, storage, out } = tensors(shape);
        const fits = shape.start >= 0 && shape.start + shape.tokens <= shape.slots;
        const error = kernels.run('llama::update_cache.out', [value, cache, { int: shape.start }, out]);
        expect(error).toBe(fits ? errors.ok : errors.invalidArgument);
        const written = fits ? shape : { ...shape, tokens: 0 };
        expect(Array.from(storage)).toEqual(
          expectedStorage(written, value.data as never, (_, token) => shape.start + token),
        );
      }),
    );
  });

  it.each([-1, 2 ** 53, -(2 ** 53), 2 ** 31, 2 ** 62])('refuses start %i', (start) => {
    const shape = {
      batch: 1,
      tokens: 1,
      slots: 4,
      heads: 1,
      dim: 2,
      start: 0,
      kind: ['int8', Int8Array],
      seed: 1,
    } as Case;
    const { value, cache, storage, out } = tensors(shape);
    expect(kernels.run('llama::update_cache.out', [value, cache, { int: start }, out])).toBe(errors.invalidArgument);
    expect(Array.from(storage).every((x) => x === -1)).toBe(true);
  });
});

describe('llama::update_cache_with_indices.out', () => {
  it('copies each token to its index, or refuses and writes nothing', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), (shape, stray) => {
        const random = randomFrom(shape.seed + 1);
        const { value, cache, storage, out } = tensors(shape);
        const slots = globalThis.Array.from({ length: shape.batch * shape.tokens }, () =>
          Math.floor(random() * shape.slots),
        );
        const outside = stray && slots.length > 0;
        if (outside) slots[Math.floor(random() * slots.length)] = random() < 0.5 ? -1 : shape.slots;
        const data = BigInt64Array.from(slots, BigInt);
        const indices = { dtype: dtypes.int64, sizes: [shape.batch, shape.tokens], data };
        const args = [value, cache, { int: shape.start }, indices, out];
        const error = kernels.run('llama::update_cache_with_indices.out', args);
        expect(error).toBe(outside ? errors.invalidArgument : errors.ok);
        const written = outside ? { ...shape, tokens: 0 } : shape;
        const slotOf = (row: number, token: number): number => slots[row * shape.tokens + token]!;
        expect(Array.from(storage)).toEqual(expectedStorage(written, value.data as never, slotOf));
      }),
    );
  });
});

describe('llama::sdpa_with_kv_cache.out', () => {
  it('writes the new tokens into both caches and attends over them', () => {
    const [slots, start, tokens] = [6, 2, 3];
    const of = (count: number, fill: (i: number) => number): TestTensor => ({
      dtype: dtypes.float32,
      sizes: [1, count, 1, 1],
      data: Float32Array.from({ length: count }, (_, i) => fill(i)),
    });
    const caches = [of(slots, () => 0), of(slots, (i) => i)] as const;
    const out = of(tokens, () => NaN);
    const call = [of(tokens, () => 0), of(tokens, (i) => 1 + i), of(tokens, (i) => 10 * (i + 1)), ...caches];
    const args = [...call, { int: start }, { int: tokens }, null, { float: 0 }, true, null, out];
    expect(kernels.run('llama::sdpa_with_kv_cache.out', args)).toBe(errors.ok);
    expect(caches.map(({ data }) => [...(data as Float32Array)])).toEqual([
      [0, 0, 1, 2, 3, 0],
      [0, 1, 10, 20, 30, 5],
    ]);
    // Queries of 0 give all visible slots the same weight, so the result is the mean of the values so far.
    const means = [(0 + 1 + 10) / 3, (0 + 1 + 10 + 20) / 4, (0 + 1 + 10 + 20 + 30) / 5];
    for (const [i, mean] of means.entries()) expect((out.data as Float32Array)[i]).toBeCloseTo(mean, 5);
  });
});

describe('llama::fallback.out', () => {
  it('copies', () => {
    const data = Float64Array.of(1.5, -2, 3, 4, 5, 6);
    const out = { dtype: dtypes.float64, sizes: [2, 3], data: new Float64Array(6) };
    const input = { dtype: dtypes.float64, sizes: [2, 3], data };
    expect(kernels.run('llama::fallback.out', [input, out])).toBe(errors.ok);
    expect(out.data).toEqual(data);
  });

  it('refuses an output that is too small or has another dtype or rank', () => {
    const input = { dtype: dtypes.int8, sizes: [4], data: new Int8Array(4) };
    for (const [dtype, sizes] of [
      [dtypes.float32, [4]],
      [dtypes.int8, [1, 4]],
      [dtypes.int8, [3]],
    ] as const) {
      const out = { dtype, sizes, data: new Float32Array(4) };
      expect(kernels.run('llama::fallback.out', [input, out])).toBe(errors.invalidArgument);
    }
  });
});
