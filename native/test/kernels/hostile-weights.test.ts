/** Every byte of a program is hostile: an operator refuses a weight that does not fit before it reads it. */
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../random.ts';
import { blockTypes } from './gguf-block-types.ts';
import { blockNames, randomWeight, type BlockName } from './gguf-blocks.ts';
import { dtypes, errors, kernels, type Boxed, type TestTensor } from './kernel-test-addon.ts';

const rows = 32;
const width = 512;
const untouched = 7;
const refused: readonly number[] = [errors.invalidArgument, errors.invalidType, errors.notSupported];

const floats = (...sizes: number[]): TestTensor => ({
  dtype: dtypes.float32,
  sizes,
  data: new Float32Array(sizes.reduce((product, size) => product * size, 1)).fill(untouched),
});

/** Runs an operator that multiplies or reads `weight`, and expects it to refuse and to write nothing. */
type Attack = (weight: TestTensor, type: number, options?: { readonly input?: TestTensor }) => void;

function expectRefusal(operator: string, args: readonly Boxed[], outs: readonly TestTensor[]): void {
  expect(refused).toContain(kernels.run(operator, [...args, ...outs]));
  for (const out of outs) expect(out.data?.every((x) => Number(x) === untouched)).toBe(true);
}

const good = randomWeight('Q4_0', rows, width, randomFrom(1));
const attacks: Readonly<Record<string, Attack>> = {
  'wyvern::linear.out': (weight, type, { input = floats(1, 2, width) } = {}) => {
    expectRefusal('wyvern::linear.out', [input, weight, { int: type }, null, true], [floats(1, 2, rows)]);
  },
  'wyvern::linear_3.out': (weight, type, { input = floats(1, 2, width) } = {}) => {
    const goodPart = [good.tensor, { int: good.type }];
    const outs = [floats(1, 2, rows), floats(1, 2, rows), floats(1, 2, rows)];
    expectRefusal('wyvern::linear_3.out', [input, ...goodPart, ...goodPart, weight, { int: type }, true], outs);
  },
  'wyvern::embedding.out': (weight, type) => {
    const tokens = { dtype: dtypes.int64, sizes: [1, 1], data: BigInt64Array.of(BigInt(rows - 1)) };
    expectRefusal('wyvern::embedding.out', [weight, { int: type }, tokens], [floats(1, 1, width)]);
  },
};

/** A weight whose bytes are the good one's, in other sizes. */
const resized = (tensor: TestTensor, index: number, by: number): TestTensor => ({
  ...tensor,
  sizes: tensor.sizes.map((size, i) => (i === index ? size + by : size)),
});

describe.each(Object.entries(attacks))('%s refuses', (_, attack) => {
  it.each(blockNames)('%s weights whose size is not their blocks', (name) => {
    const { tensor, type } = randomWeight(name, rows, width, randomFrom(2));
    for (const by of [-16, -1, 1]) attack(resized(tensor, 2, by), type);
    attack(resized(tensor, 1, -1), type);
    attack(resized(tensor, 0, -1), type);
    attack({ ...tensor, sizes: [tensor.sizes[0]!, tensor.sizes[1]! * tensor.sizes[2]!] }, type);
    attack({ ...tensor, dtype: dtypes.int8 }, type);
    attack({ dtype: tensor.dtype, sizes: tensor.sizes }, type);
  });

  it.each(blockNames)('%s weights that claim another type', (name) => {
    const { tensor, type } = randomWeight(name, rows, width, randomFrom(3));
    const isOfSize = (other: BlockName): boolean =>
      blockTypes[other].bytes === blockTypes[name].bytes && blockTypes[other].inputs === blockTypes[name].inputs;
    for (const other of blockNames) if (!isOfSize(other)) attack(tensor, blockTypes[other].number);
    for (const number of [-1, type + 256, type + 2 ** 32, 2 ** 53]) attack(tensor, number);
  });

  it('numbers without a type', () => {
    const known = new Set<number>(blockNames.map((name) => blockTypes[name].number));
    for (let number = 0; number < 64; number++) if (!known.has(number)) attack(good.tensor, number);
  });
});

describe.each(['wyvern::linear.out', 'wyvern::linear_3.out'])('%s refuses', (operator) => {
  it.each(blockNames)('inputs of another width than %s weights', (name) => {
    const { tensor, type } = randomWeight(name, rows, width, randomFrom(4));
    const attack = attacks[operator]!;
    for (const inputs of [1, width - 1, width + 1, width + 32]) attack(tensor, type, { input: floats(1, 2, inputs) });
    attack(tensor, type, { input: { ...floats(1, 2, width), dtype: dtypes.float16 } });
  });
});
