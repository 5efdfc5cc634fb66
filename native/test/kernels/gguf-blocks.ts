/** Weights of random blocks, in the order in which the kernels read them. */
import type { Dice, Random } from '../random.ts';
import { blockTypes, type BlockType } from './gguf-block-types.ts';
import { tameHalf } from './gguf-fields.ts';
import { dtypes, type TestTensor } from './kernel-test-addon.ts';

/** Rows that are interleaved. */
const groupRows = 16;

export type BlockName = keyof typeof blockTypes;
export const blockNames = Object.keys(blockTypes) as BlockName[];

export interface Weight {
  /** In the kernels' order: `[groups, blocks of a row, 16 blocks interleaved]`. */
  readonly tensor: TestTensor;
  readonly type: number;
  /** `[rows][width]`, exact. */
  readonly real: readonly Float64Array[];
}

/** Makes a weight of random blocks: any integers, factors with magnitudes between 2^-7 and 2^-3. */
export function randomWeight(name: BlockName, rows: number, width: number, random: Random): Weight {
  return filledWeight(name, rows, width, () => Math.floor(random() * 256));
}

/** Makes a weight of blocks with these bytes, and factors like {@link randomWeight}. */
export function filledWeight(name: BlockName, rows: number, width: number, byte: (i: number) => number): Weight {
  const type: BlockType = blockTypes[name];
  const blocks = Array.from({ length: rows * (width / type.inputs) }, () => {
    const block = Uint8Array.from({ length: type.bytes }, (_, i) => byte(i));
    if (type.tame === undefined) for (const field of type.fields) tameHalf(block, field);
    else type.tame(block);
    return block;
  });
  return weightOf(name, rows, blocks);
}

/** Makes a weight of a file's blocks, row after row. */
export function weightOf(name: BlockName, rows: number, blocks: readonly Uint8Array[]): Weight {
  const type: BlockType = blockTypes[name];
  const [groups, each] = [Math.ceil(rows / groupRows), blocks.length / rows];
  const groupBytes = groupRows * type.bytes;
  const data = new Uint8Array(groups * each * groupBytes);
  blocks.forEach((block, i) => {
    const row = Math.floor(i / each);
    const group = (Math.floor(row / groupRows) * each + (i % each)) * groupBytes;
    interleave(type, block, row % groupRows, data.subarray(group, group + groupBytes));
  });
  return {
    tensor: { dtype: dtypes.uint8, sizes: [groups, each, groupBytes], data },
    type: type.number,
    real: Array.from({ length: rows }, (_, row) =>
      Float64Array.from(blocks.slice(row * each, (row + 1) * each).flatMap((block) => type.dequantise(block))),
    ),
  };
}

/** Writes the block of one of 16 rows: words of 4 bytes by turns, then its binary16 numbers by turns. */
function interleave(type: BlockType, block: Uint8Array, row: number, to: Uint8Array): void {
  const isField = (i: number): boolean => type.fields.some((field) => i === field || i === field + 1);
  const bytes = Array.from(block.keys()).filter((i) => !isField(i));
  bytes.forEach((from, i) => {
    to[(i >> 2) * 4 * groupRows + 4 * row + (i & 3)] = block[from] ?? NaN;
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
