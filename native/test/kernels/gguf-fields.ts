/** Reads single fields of GGUF's weight blocks. */
import { fromHalf } from './kernel-test-addon.ts';

export const half = (block: Uint8Array, at: number): number => fromHalf(byte(block, at) | (byte(block, at + 1) << 8));
export const byte = (block: Uint8Array, at: number): number => block[at] ?? NaN;
export const signed = (value: number): number => (value << 24) >> 24;
export const inputsOf = (count: number, value: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => value(i));

/** Input `i` of 32 in halves of bytes. */
export const nibble = (block: Uint8Array, at: number, i: number): number =>
  i < 16 ? byte(block, at + i) & 15 : byte(block, at + i - 16) >> 4;
/** Bit 4 of input `i` of 32, in its place. */
export const fifth = (block: Uint8Array, at: number, i: number): number =>
  ((byte(block, at + (i >> 3)) >> (i & 7)) & 1) << 4;

/** Scale and minimum of unit `unit` of a K block, 6 bits each, from its 12 bytes at `at`. */
function kScales(block: Uint8Array, at: number, unit: number): readonly [number, number] {
  const get = (i: number): number => byte(block, at + i);
  if (unit < 4) return [get(unit) & 63, get(unit + 4) & 63];
  return [(get(unit + 4) & 15) | ((get(unit - 4) >> 6) << 4), (get(unit + 4) >> 4) | ((get(unit) >> 6) << 4)];
}

/** 256 inputs whose units have scales and minima; `integer(unit, i)` is the unsigned integer of an input. */
export function kBlock(block: Uint8Array, integer: (unit: number, i: number) => number): number[] {
  return inputsOf(256, (i) => {
    const [scale, minimum] = kScales(block, 4, i >> 5);
    return half(block, 0) * scale * integer(i >> 5, i & 31) - half(block, 2) * minimum;
  });
}
/** Two units share 32 bytes. */
export const kNibble = (block: Uint8Array, at: number, unit: number, i: number): number =>
  (byte(block, at + 32 * (unit >> 1) + i) >> (4 * (unit & 1))) & 15;

/** Input `i` of 256 in two bits: four units share 32 bytes. */
export const quarter = (block: Uint8Array, at: number, i: number): number =>
  (byte(block, at + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3;
/** Scale `i` of 16 of a Q3_K block, 6 bits. */
export function q3Scale(block: Uint8Array, i: number): number {
  const low = (byte(block, 96 + (i & 7)) >> (i < 8 ? 0 : 4)) & 15;
  return low | (((byte(block, 104 + (i & 3)) >> (2 * (i >> 2))) & 3) << 4);
}
/** The weights that the integers of IQ4 stand for. */
export const uneven = (i: number): number =>
  [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113][i] ?? NaN;

/** Sets the exponent of the binary16 number at `at`, so that its magnitude is between 2^-7 and 2^-3. */
export function tameHalf(block: Uint8Array, at: number): void {
  block[at + 1] = (byte(block, at + 1) & 0x83) | (8 << 2) | (byte(block, at) & 0x0c);
}
/** The same for the float32 or bfloat16 number that ends at `at`. */
export function tameFloat(block: Uint8Array, at: number): void {
  block[at] = (byte(block, at) & 0x80) | 0x3c | (byte(block, at) & 1);
}
