/**
 * `kernel_test.node`: calls single kernels like the runtime does. Built with the addon; not part of the app.
 */
import { createRequire } from 'node:module';
import { besideAddon } from '../addon-path.ts';

/** Numbers of ExecuTorch's `ScalarType`. */
export const dtypes = {
  uint8: 0,
  int8: 1,
  int32: 3,
  int64: 4,
  float16: 5,
  float32: 6,
  float64: 7,
  bfloat16: 15,
} as const;

/** Numbers of ExecuTorch's `Error`. */
export const errors = { ok: 0, notSupported: 0x10, invalidArgument: 0x12, invalidType: 0x13, invalidProgram: 0x23 };

export interface TestTensor {
  readonly dtype: number;
  readonly sizes: readonly number[];
  /** Used in place. float16 and bfloat16 are their bits. If absent, the tensor has no memory. */
  readonly data?: NodeJS.TypedArray;
  /** Dimension order in memory; row-major if absent. */
  readonly order?: readonly number[];
}

/** A boxed value: None, Bool, Int, Double, a list of Int, or Tensor. */
export type Boxed =
  | null
  | boolean
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | TestTensor;

/** Batch is 1, head size any, scale ⅛. */
export interface AttentionSizes {
  readonly tokens: number;
  readonly slots: number;
  readonly queryHeads: number;
  readonly kvHeads: number;
  readonly dim: number;
}

export interface KernelTestAddon {
  /** Runs a registered operator; an {@link errors} number. */
  run(operator: string, args: readonly Boxed[]): number;
  /** Processor time of the calling thread, µs, in the fastest of `rounds` calls. Use one thread. */
  time(operator: string, args: readonly Boxed[], rounds: number): number;
  /** The same time for causal attention in plain loops, over float32 `[token, head, dim]`. */
  timeNaive(
    query: Float32Array,
    key: Float32Array,
    value: Float32Array,
    out: Float32Array,
    sizes: AttentionSizes,
    rounds: number,
  ): number;
  /** Names of the operators that the addon adds to the runtime. */
  operators(): string[];
  /** Instruction sets that this processor has kernels for, best first. */
  instructionSets(): string[];
  useInstructionSet(name: string): void;
  useThreads(count: number): void;
}

export const kernels = createRequire(import.meta.url)(besideAddon('kernel_test.node')) as KernelTestAddon;

/** Returns the number of the 16 bits of an IEEE 754 binary16. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Returns the number of the 16 bits of a bfloat16. */
export function fromBfloat(bits: number): number {
  const word = new DataView(new ArrayBuffer(4));
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
