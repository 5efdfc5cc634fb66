/**
 * GGUF's weight blocks by their format: random blocks, their numbers, and the order in which the kernels read them.
 */
import type { Dice, Random } from '../random.ts';
import { dtypes, fromHalf, type TestTensor } from './kernel-test-addon.ts';

/** Rows that are interleaved. */
const groupRows = 16;

/** One block: `fields` are the places of its binary16 numbers. The kernels expect these at the end. */
interface BlockType {
  /** Number in GGUF. */
  readonly number: number;
  readonly inputs: number;
  readonly bytes: number;
  readonly fields: readonly number[];
  readonly dequantise: (block: Uint8Array) => number[];
}

const half = (block: Uint8Array, at: number): number => fromHalf(byte(block, at) | (byte(block, at + 1) << 8));
const byte = (block: Uint8Array, at: number): number => block[at] ?? NaN;
const signed = (value: number): number => (value << 24) >> 24;
const inputsOf = (count: number, value: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => value(i));

/** Input `i` of 32 in halves of bytes. */
const nibble = (block: Uint8Array, at: number, i: number): number =>
  i < 16 ? byte(block, at + i) & 15 : byte(block, at + i - 16) >> 4;
const fifth = (block: Uint8Array, at: number, i: number): number => ((byte(block, at + (i >> 3)) >> (i & 7)) & 1) << 4;

/** Scale and minimum of unit `unit` of a K block, 6 bits each, from its 12 bytes at `at`. */
function kScales(block: Uint8Array, at: number, unit: number): readonly [number, number] {
  const get = (i: number): number => byte(block, at + i);
  if (unit < 4) return [get(unit) & 63, get(unit + 4) & 63];
  return [(get(unit + 4) & 15) | ((get(unit - 4) >> 6) << 4), (get(unit + 4) >> 4) | ((get(unit) >> 6) << 4)];
}

/** 256 inputs whose units have scales and minima; `integer(unit, i)` is the unsigned integer of an input. */
function kBlock(block: Uint8Array, integer: (unit: number, i: number) => number): number[] {
  return inputsOf(256, (i) => {
    const [scale, minimum] = kScales(block, 4, i >> 5);
    return half(block, 0) * scale * integer(i >> 5, i & 31) - half(block, 2) * minimum;
  });
}
/** Two units share 32 bytes. */
const kNibble = (block: Uint8Array, at: number, unit: number, i: number): number =>
  (byte(block, at + 32 * (unit >> 1) + i) >> (4 * (unit & 1))) & 15;

export const blockTypes = {
  Q4_0: {
    number: 2,
    inputs: 32,
    bytes: 18,
    fields: [0],
    dequantise: (block) => inputsOf(32, (i) => half(block, 0) * (nibble(block, 2, i) - 8)),
  },
  Q4_1: {
    number: 3,
    inputs: 32,
    bytes: 20,
    fields: [0, 2],
    dequantise: (block) => inputsOf(32, (i) => half(block, 0) * nibble(block, 4, i) + half(block, 2)),
  },
  Q5_0: {
    number: 6,
    inputs: 32,
    bytes: 22,
    fields: [0],
    dequantise: (block) => inputsOf(32, (i) => half(block, 0) * ((nibble(block, 6, i) | fifth(block, 2, i)) - 16)),
  },
  Q5_1: {
    number: 7,
    inputs: 32,
    bytes: 24,
    fields: [0, 2],
    dequantise: (block) =>
      inputsOf(32, (i) => half(block, 0) * (nibble(block, 8, i) | fifth(block, 4, i)) + half(block, 2)),
  },
  Q8_0: {
    number: 8,
    inputs: 32,
    bytes: 34,
    fields: [0],
    dequantise: (block) => inputsOf(32, (i) => half(block, 0) * signed(byte(block, 2 + i))),
  },
  Q4_K: {
    number: 12,
    inputs: 256,
    bytes: 144,
    fields: [0, 2],
    dequantise: (block) => kBlock(block, (unit, i) => kNibble(block, 16, unit, i)),
  },
  Q5_K: {
    number: 13,
    inputs: 256,
    bytes: 176,
    fields: [0, 2],
    dequantise: (block) =>
      kBlock(block, (unit, i) => kNibble(block, 48, unit, i) | (((byte(block, 16 + i) >> unit) & 1) << 4)),
  },
} as const satisfies Record<string, BlockType>;

export type BlockName = keyof typeof blockTypes;

export interface Weight {
  /** In the kernels' order: `[groups, blocks of a row, 16 blocks interleaved]`. */
  readonly tensor: TestTensor;
  readonly type: number;
  /** `[rows][width]`, exact. */
  readonly real: readonly Float64Array[];
}

/** Makes a weight of random blocks: any integers, factors with magnitudes between 2^-7 and 2^-3. */
export function randomWeight(name: BlockName, rows: number, width: number, random: Random): Weight {
  const type: BlockType = blockTypes[name];
  const [groups, blocks] = [Math.ceil(rows / groupRows), width / type.inputs];
  const data = new Uint8Array(groups * blocks * groupRows * type.bytes);
  const real: Float64Array[] = [];
  for (let row = 0; row < groups * groupRows; row++) {
    const numbers: number[] = [];
    for (let i = 0; i < blocks; i++) {
      const block = Uint8Array.from({ length: type.bytes }, () => Math.floor(random() * 256));
      for (const field of type.fields)
        block[field + 1] = (byte(block, field + 1) & 0x83) | ((8 + Math.floor(random() * 4)) << 2);
      numbers.push(...type.dequantise(block));
      const group = (Math.floor(row / groupRows) * blocks + i) * groupRows * type.bytes;
      interleave(type, block, row % groupRows, data.subarray(group, group + groupRows * type.bytes));
    }
    if (row < rows) real.push(Float64Array.from(numbers));
  }
  return {
    tensor: { dtype: dtypes.uint8, sizes: [groups, blocks, groupRows * type.bytes], data },
    type: type.number,
    real,
  };
}

/** Writes the block of one of 16 rows: words of 4 bytes by turns, then its binary16 numbers by turns. */
function interleave(type: BlockType, block: Uint8Array, row: number, to: Uint8Array): void {
  const isField = (i: number): boolean => type.fields.some((field) => i === field || i === field + 1);
  const bytes = Array.from(block.keys()).filter((i) => !isField(i));
  bytes.forEach((from, i) => {
    to[(i >> 2) * 4 * groupRows + 4 * row + (i & 3)] = byte(block, from);
  });
  type.fields.forEach((field, i) => {
    const at = (bytes.length + 2 * i) * groupRows + 2 * row;
    to.set(block.subarray(field, field + 2), at);
  });
}

/** Makes inputs over some orders of magnitude, with some units of zeros. */
export function randomInputs(count: number, random: Random): Float32Array {
  const dice: Dice['below'] = (end) => Math.floor(random() * end);
  const inputs = Float32Array.from({ length: count }, () => (random() - 0.5) * 2 ** (dice(12) - 6));
  if (dice(4) === 0) inputs.fill(0, 0, 32);
  return inputs;
}
