/** GGUF's tensor types, by their numbers in the file format (`ggml_type` in ggml.h). */

export interface BlockType {
  readonly name: string;
  readonly number: number;
  /** Inputs of one block. */
  readonly inputs: number;
  /** Bytes of one block. */
  readonly bytes: number;
  /**
   * Offsets of the two-byte numbers in a block. All other bytes are words of four bytes. `wyvern::linear` reads the two kinds
   * apart (`native/kernels/linear/blocks.h`).
   */
  readonly halves: readonly number[];
}

/** The types that `wyvern::linear` multiplies: one number, or a block of 32 or 256 inputs. */
const known: readonly BlockType[] = (
  [
    ['F32', 0, 1, 4, []],
    ['F16', 1, 1, 2, [0]],
    ['Q4_0', 2, 32, 18, [0]],
    ['Q4_1', 3, 32, 20, [0, 2]],
    ['Q5_0', 6, 32, 22, [0]],
    ['Q5_1', 7, 32, 24, [0, 2]],
    ['Q8_0', 8, 32, 34, [0]],
    ['Q2_K', 10, 256, 84, [80, 82]],
    ['Q3_K', 11, 256, 110, [108]],
    ['Q4_K', 12, 256, 144, [0, 2]],
    ['Q5_K', 13, 256, 176, [0, 2]],
    ['Q6_K', 14, 256, 210, [208]],
    ['IQ4_NL', 20, 32, 18, [0]],
    ['IQ4_XS', 23, 256, 136, [0, 2]],
    ['BF16', 30, 1, 2, [0]],
  ] as const
).map(([name, number, inputs, bytes, halves]) => ({ name, number, inputs, bytes, halves }));

/** Names of other types, for messages. */
const others: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  21: 'IQ3_S',
  22: 'IQ2_S',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
};

const byNumber: ReadonlyMap<number, BlockType> = new Map(known.map((type) => [type.number, type]));

export function blockType(number: number): BlockType | undefined {
  return byNumber.get(number);
}

/** A type's name; for an unknown type, its number. */
export function blockTypeName(number: number): string {
  return byNumber.get(number)?.name ?? others[number] ?? `type ${number}`;
}
