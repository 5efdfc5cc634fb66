/** Rows of a weight, read as the token embedding, are the numbers of GGUF's format. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../random.ts';
import { blockTypes } from './gguf-block-types.ts';
import { blockNames, randomWeight, weightOf, type Weight } from './gguf-blocks.ts';
import { dtypes, errors, kernels } from './kernel-test-addon.ts';
import { float32, widthOf } from './linear-case.ts';

/** Blocks and their numbers in base64, from `python -m export block_goldens`. */
const goldens = JSON.parse(readFileSync(new URL('../fixtures/gguf-blocks.json', import.meta.url), 'utf8')) as Partial<
  Record<string, Readonly<Record<'blocks' | 'numbers', string>>>
>;

/** Reads rows of a weight as the token embedding. */
function readRows(weight: Weight, width: number, rows: readonly number[]): Float32Array {
  const tokens = BigInt64Array.from(rows, BigInt);
  const out = new Float32Array(rows.length * width).fill(NaN);
  const args = [weight.tensor, { int: weight.type }, { dtype: dtypes.int64, sizes: [1, rows.length], data: tokens }];
  expect(kernels.run('wyvern::embedding.out', [...args, float32([1, rows.length, width], out)])).toBe(errors.ok);
  return out;
}

describe.each(blockNames)('a %s table', (name) => {
  it('gives the rows of its tokens', () => {
    const width = widthOf(name, 2);
    const weight = randomWeight(name, 48, width, randomFrom(5));
    const rows = [0, 47, 17];
    const real = rows.flatMap((row) => [...weight.real[row]!]);
    // Of zeros, the sign may differ.
    expect(readRows(weight, width, rows).every((x, i) => x === Math.fround(real[i]!))).toBe(true);
  });

  it("gives the gguf package's numbers", () => {
    const { blocks, numbers } = goldens[name]!;
    const { bytes } = blockTypes[name];
    const data = Buffer.from(blocks, 'base64');
    const expected = Buffer.from(numbers, 'base64');
    const row = Array.from({ length: data.length / bytes }, (_, i) => data.subarray(i * bytes, (i + 1) * bytes));
    const width = expected.length / 4;
    expect([...readRows(weightOf(name, 1, row), width, [0])]).toEqual(
      Array.from({ length: width }, (_, i) => expected.readFloatLE(4 * i)),
    );
  });
});
