import { describe, expect, it } from 'vitest';
import { dtypes, errors, fromBfloat, kernels } from './kernel-test-addon.ts';

function transform(data: Float32Array, n: number): Float32Array {
  const sizes = [data.length / n, n];
  const out = new Float32Array(data.length);
  const args = [
    { dtype: dtypes.float32, sizes, data },
    { dtype: dtypes.float32, sizes, data: out },
  ];
  expect(kernels.run('llama::fast_hadamard_transform.out', args)).toBe(errors.ok);
  return out;
}

/** The operator's matrix: row i is the image of the i-th unit vector. */
function matrix(n: number): number[][] {
  const units = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const all = transform(units, n);
  return Array.from({ length: n }, (_, row) => [...all.subarray(row * n, (row + 1) * n)]);
}

const ones = (bits: number): number => bits.toString(2).replaceAll('0', '').length;

describe('llama::fast_hadamard_transform.out', () => {
  it.each([1, 2, 8, 64])("is Sylvester's matrix for %i elements", (n) => {
    for (const [i, row] of matrix(n).entries()) {
      for (const [j, entry] of row.entries()) {
        expect(entry).toBeCloseTo((ones(i & j) % 2 === 0 ? 1 : -1) / Math.sqrt(n), 5);
      }
    }
  });

  it('has the signs of upstream’s weight rotation for 28 elements', () => {
    const signs = matrix(28).map((row) => row.map((entry) => (entry === 1 ? '+' : entry === -1 ? '-' : '?')).join(''));
    expect([signs[0], signs[7], signs[14], signs[21]]).toEqual([
      '+--------++++--+-++-+-++--++',
      '++----++------+--++---+-++-+',
      '+-+--+--++--+++------++----+',
      '+--++--+-+--+---++++-+------',
    ]);
  });

  it.each([56, 112, 224])('multiplies %i elements by the matrix of order 28 times Sylvester’s, written out', (n) => {
    const odd = matrix(28);
    const width = n / 28;
    const dense = (row: number, column: number): number =>
      ((odd[Math.floor(row / width)]?.[Math.floor(column / width)] ?? NaN) *
        (ones((row % width) & (column % width)) % 2 === 0 ? 1 : -1)) /
      Math.sqrt(width);
    const vector = Float32Array.from({ length: n }, (_, i) => Math.sin(i * i + 1));
    for (const [column, value] of transform(vector, n).entries()) {
      expect(value).toBeCloseTo(
        vector.reduce((sum, x, row) => sum + x * dense(row, column), 0),
        3,
      );
    }
  });

  it.each([28, 112])('keeps vectors of %i elements at right angles', (n) => {
    const rows = matrix(n);
    for (const [i, a] of rows.entries()) {
      for (const [j, b] of rows.entries()) {
        const product = a.reduce((sum, x, k) => sum + x * (b[k] ?? NaN), 0);
        expect(product).toBeCloseTo(i === j ? 28 : 0, 3);
      }
    }
  });

  it('transforms bfloat16, several rows', () => {
    const one = 0x3f80;
    const data = Uint16Array.of(one, one, 0, 0, one, 0, 0, 0);
    const out = new Uint16Array(8);
    const [dtype, sizes] = [dtypes.bfloat16, [2, 4]];
    expect(
      kernels.run('llama::fast_hadamard_transform.out', [
        { dtype, sizes, data },
        { dtype, sizes, data: out },
      ]),
    ).toBe(errors.ok);
    expect([...out].map(fromBfloat)).toEqual([1, 0, 1, 0, 0.5, 0.5, 0.5, 0.5]);
  });

  // Upstream's operator has no matrix of order 12, 20 or 40 either: it takes "power-of-2 (or power-of-2 * 28)".
  it.each([0, 3, 12, 14, 20, 24, 40, 84])('refuses %i elements', (n) => {
    const tensor = { dtype: dtypes.float32, sizes: [1, n], data: new Float32Array(n + 1) };
    expect(kernels.run('llama::fast_hadamard_transform.out', [tensor, tensor])).toBe(errors.invalidArgument);
  });
});
