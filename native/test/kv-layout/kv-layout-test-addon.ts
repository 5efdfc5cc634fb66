/** `kv_layout_test.node`: the arithmetic of caches, masks and rotations alone. Built with the addon; not part of the app. */
import { createRequire } from 'node:module';
import { besideAddon } from '../addon-path.ts';

export interface CacheShape {
  readonly heads: number;
  readonly headDim: number;
  /** 1, 2 or 4. */
  readonly elementBytes: number;
}

export type MaskType = 'uint8' | 'uint16' | 'float32';

type Append = (
  shape: CacheShape,
  cache: Uint8Array,
  slots: number,
  fresh: Uint8Array,
  ar: number,
  position: number,
  count: number,
) => void;
type Repack = (shape: CacheShape, cache: Uint8Array, from: number, to: number, used: number) => void;

/** The functions of `native/model/kv_layout.h` and `native/context/rotation.h`, which document them. */
interface KvLayoutTestAddon {
  readonly appendKeys: Append;
  readonly appendValues: Append;
  readonly repackKeys: Repack;
  readonly repackValues: Repack;
  fillMask(type: MaskType, mask: Uint8Array, ar: number, context: number, past: number, window: number): void;
  /** The cosines of a position, then its sines. */
  rotation(inverseFrequencies: Float64Array, scale: number, position: number): Float32Array;
  /** Time of the host's share of `steps` decode steps, µs, with cold caches: mask, new keys, new values. */
  timeDecode(shape: CacheShape, layers: number, context: number, steps: number): Float64Array;
  /** Time of `turns` changes from the layout of prefill (AR length `ar`) to that of decode with `used` slots, µs. */
  timeRepack(shape: CacheShape, layers: number, context: number, ar: number, used: number, turns: number): Float64Array;
}

export const kvLayout = createRequire(import.meta.url)(besideAddon('kv_layout_test.node')) as KvLayoutTestAddon;
