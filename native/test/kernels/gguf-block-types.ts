/** GGUF's weight blocks by their format: the numbers that a block of the file stands for. */
import {
  byte,
  fifth,
  half,
  inputsOf,
  kBlock,
  kNibble,
  nibble,
  q3Scale,
  quarter,
  signed,
  tameFloat,
  tameHalf,
  uneven,
} from './gguf-fields.ts';
import { fromBfloat } from './kernel-test-addon.ts';

/** A block type. */
export interface BlockType {
  /** Number in GGUF. */
  readonly number: number;
  readonly inputs: number;
  readonly bytes: number;
  /** Places of two-byte numbers. The kernels expect these at the end of a block. */
  readonly fields: readonly number[];
  /** Sets factors of random blocks to magnitudes between 2^-7 and 2^-3. If absent, all fields are binary16 factors. */
  readonly tame?: (block: Uint8Array) => void;
  readonly dequantise: (block: Uint8Array) => number[];
}

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
  Q2_K: {
    number: 10,
    inputs: 256,
    bytes: 84,
    fields: [80, 82],
    dequantise: (block) =>
      inputsOf(256, (i) => {
        const pair = byte(block, i >> 4);
        return half(block, 80) * (pair & 15) * quarter(block, 16, i) - half(block, 82) * (pair >> 4);
      }),
  },
  Q3_K: {
    number: 11,
    inputs: 256,
    bytes: 110,
    fields: [108],
    dequantise: (block) =>
      inputsOf(256, (i) => {
        const unit = i >> 5;
        const integer = quarter(block, 32, i) - (((byte(block, i & 31) >> unit) & 1) === 1 ? 0 : 4);
        return half(block, 108) * (q3Scale(block, i >> 4) - 32) * integer;
      }),
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
  Q6_K: {
    number: 14,
    inputs: 256,
    bytes: 210,
    fields: [208],
    dequantise: (block) =>
      inputsOf(256, (i) => {
        const [part, place] = [i >> 7, i & 127];
        const low = (byte(block, 64 * part + (place & 63)) >> (place < 64 ? 0 : 4)) & 15;
        const high = (byte(block, 128 + 32 * part + (i & 31)) >> (2 * (place >> 5))) & 3;
        return half(block, 208) * signed(byte(block, 192 + (i >> 4))) * ((low | (high << 4)) - 32);
      }),
  },
  IQ4_NL: {
    number: 20,
    inputs: 32,
    bytes: 18,
    fields: [0],
    dequantise: (block) => inputsOf(32, (i) => half(block, 0) * uneven(nibble(block, 2, i))),
  },
  IQ4_XS: {
    number: 23,
    inputs: 256,
    bytes: 136,
    fields: [0, 2],
    tame: (block) => {
      tameHalf(block, 0);
    },
    dequantise: (block) =>
      inputsOf(256, (i) => {
        const unit = i >> 5;
        const low = (byte(block, 4 + (unit >> 1)) >> (4 * (unit & 1))) & 15;
        const high = ((byte(block, 2) | (byte(block, 3) << 8)) >> (2 * unit)) & 3;
        return half(block, 0) * ((low | (high << 4)) - 32) * uneven(nibble(block, 8 + 16 * unit, i & 31));
      }),
  },
  F32: {
    number: 0,
    inputs: 1,
    bytes: 4,
    fields: [],
    tame: (block) => {
      tameFloat(block, 3);
    },
    dequantise: (block) => [new DataView(block.buffer, block.byteOffset).getFloat32(0, true)],
  },
  F16: {
    number: 1,
    inputs: 1,
    bytes: 2,
    fields: [0],
    dequantise: (block) => [half(block, 0)],
  },
  BF16: {
    number: 30,
    inputs: 1,
    bytes: 2,
    fields: [0],
    tame: (block) => {
      tameFloat(block, 1);
    },
    dequantise: (block) => [fromBfloat(byte(block, 0) | (byte(block, 1) << 8))],
  },
} as const satisfies Record<string, BlockType>;
