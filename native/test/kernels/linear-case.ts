/** Calls of `wyvern::linear` over random weights. */
import fc from 'fast-check';
import { blockTypes } from './gguf-block-types.ts';
import type { BlockName, Weight } from './gguf-blocks.ts';
import { dtypes, errors, kernels, type TestTensor } from './kernel-test-addon.ts';

/** Makes a width of some blocks: any number of floats, or more units than one pass of prefill widens. */
export const widthOf = (name: BlockName, blocks: number): number =>
  blocks * ({ 1: 29, 32: 96, 256: 256 } as const)[blockTypes[name].inputs];

export const float32 = (sizes: readonly number[], data: Float32Array): TestTensor => ({
  dtype: dtypes.float32,
  sizes,
  data,
});

interface Options {
  /** Of the output's shape, or one row for all tokens. */
  readonly added?: Float32Array | undefined;
  readonly isFine?: boolean;
}

/** `wyvern::linear` of `[tokens, width]` inputs. @throws if the kernel refuses */
export function linear(
  weight: Weight,
  inputs: Float32Array,
  tokens: number,
  { added, isFine = false }: Options = {},
): Float32Array {
  const rows = weight.real.length;
  const out = new Float32Array(tokens * rows).fill(NaN);
  const error = kernels.run('wyvern::linear.out', [
    float32([1, tokens, inputs.length / tokens], inputs),
    weight.tensor,
    { int: weight.type },
    added === undefined ? null : float32(added.length === rows ? [rows] : [1, tokens, rows], added),
    isFine,
    float32([1, tokens, rows], out),
  ]);
  if (error !== errors.ok) throw new Error(`refused with error ${error}`);
  return out;
}

/** Sizes of a call; `blocks` of a row are for {@link widthOf}. */
export const shapes = fc.record({
  rows: fc.oneof(fc.constantFrom(16, 32, 64), fc.integer({ min: 1, max: 70 })),
  blocks: fc.integer({ min: 1, max: 12 }),
  tokens: fc.oneof(fc.constantFrom(1, 8, 16), fc.integer({ min: 1, max: 21 })),
  isAdded: fc.boolean(),
  isFine: fc.boolean(),
  threads: fc.constantFrom(1, 2),
  seed: fc.integer(),
});
