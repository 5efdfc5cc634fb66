/**
 * Puts rows of weight blocks into the order that `wyvern::linear` reads (`native/kernels/linear/blocks.h`). The order keeps
 * every byte: the blocks of 16 rows are interleaved, first words of four bytes in turn, then the float16 numbers in turn.
 */
import { groupRows, type Matrix } from './constants.ts';

/** Returns the row of the file for each row of the program. */
export function rowOrder({ firstRow, pairedHead }: Matrix): (row: number) => number {
  if (pairedHead === undefined) return (row) => firstRow + row;
  // The file has the two values of a rotated pair side by side. A head of the program has the first values of all pairs, then
  // the second ones.
  const half = pairedHead / 2;
  return (row) => {
    const at = row % pairedHead;
    return firstRow + row - at + (at < half ? 2 * at : 2 * (at - half) + 1);
  };
}

/**
 * Interleaves one group of rows into `to`.
 * @param starts each row's first byte in `from`; fewer than 16 in the last group, whose other rows stay as they are in `to`
 */
export type InterleaveGroup = (from: ArrayBuffer, starts: readonly number[], to: ArrayBuffer, toStart: number) => void;

/** Blocks are whole numbers of 16-bit units. Blocks whose words are aligned move 32 bits at a time. */
export function interleaver({ tensor: { type, rowBytes } }: Matrix): InterleaveGroup {
  const { bytes, halves } = type;
  const words: number[] = [];
  for (let at = 0; at < bytes;) {
    if (!halves.includes(at)) words.push(at);
    at += halves.includes(at) ? 2 : 4;
  }
  const blocks = rowBytes / bytes;
  const aligned = bytes % 4 === 0 && words.every((at) => at % 4 === 0);
  const moveWords = aligned ? moveLongWords : moveShortWords;
  return (from, starts, to, toStart) => {
    const ends = starts.map((start) => start + rowBytes);
    moveWords({ from, starts, to, toStart }, words, bytes, blocks);
    const source = new Uint16Array(from);
    const target = new Uint16Array(to);
    for (let block = 0; block < blocks; block++) {
      let at = (toStart + (block * bytes + 4 * words.length) * groupRows) / 2;
      for (const half of halves) {
        for (let row = 0; row < ends.length; row++) {
          target[at + row] = source[((starts[row] as number) + block * bytes + half) / 2] as number;
        }
        at += groupRows;
      }
    }
  };
}

interface Move {
  readonly from: ArrayBuffer;
  readonly starts: readonly number[];
  readonly to: ArrayBuffer;
  readonly toStart: number;
}

type MoveWords = (move: Move, words: readonly number[], bytes: number, blocks: number) => void;

const moveLongWords: MoveWords = ({ from, starts, to, toStart }, words, bytes, blocks) => {
  const source = new Uint32Array(from);
  const target = new Uint32Array(to);
  const offsets = Int32Array.from(words, (word) => word / 4);
  const step = bytes / 4;
  for (let row = 0; row < starts.length; row++) {
    let start = (starts[row] as number) / 4;
    let out = toStart / 4 + row;
    for (let block = 0; block < blocks; block++, start += step, out += groupRows * (step - offsets.length)) {
      for (let i = 0; i < offsets.length; i++, out += groupRows)
        target[out] = source[start + (offsets[i] as number)] as number;
    }
  }
};

const moveShortWords: MoveWords = ({ from, starts, to, toStart }, words, bytes, blocks) => {
  const source = new Uint16Array(from);
  const target = new Uint16Array(to);
  const offsets = Int32Array.from(words, (word) => word / 2);
  const step = bytes / 2;
  for (let row = 0; row < starts.length; row++) {
    let start = (starts[row] as number) / 2;
    let out = toStart / 2 + 2 * row;
    for (let block = 0; block < blocks; block++, start += step, out += groupRows * (step - 2 * offsets.length)) {
      for (let i = 0; i < offsets.length; i++, out += 2 * groupRows) {
        const at = start + (offsets[i] as number);
        target[out] = source[at] as number;
        target[out + 1] = source[at + 1] as number;
      }
    }
  }
};
