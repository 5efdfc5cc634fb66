/**
 * The rotation of queries and keys by their position: the angles of a file's base frequency and scaling. Scalings: linear
 * interpolation, YaRN (arXiv 2309.00071), and factors for each frequency, which Llama 3 and LongRoPE (arXiv 2402.13753) have as
 * tensors.
 */
import { GgufFault } from './cursor.ts';
import type { TensorInfo } from './header.ts';
import type { Metadata } from './metadata.ts';

export interface Rotation {
  /** Rotated elements of a head, from its beginning; an even number. */
  readonly size: number;
  readonly base: number;
  /** Positions are divided by this. */
  readonly interpolation: number;
  readonly yarn?: Yarn;
  /** Cosines and sines are multiplied by this. */
  readonly magnitude: number;
  /** Names of tensors with a divisor of each frequency: for contexts up to the original one, and for longer ones. */
  readonly factors?: { readonly short: string; readonly long: string };
  /** Tokens of context before the model was extended. */
  readonly originalContext: number;
}

interface Yarn {
  /** Rotations over the original context from which a frequency is kept, and up to which it is interpolated. */
  readonly fast: number;
  readonly slow: number;
}

interface Dimensions {
  readonly architecture: string;
  readonly headSize: number;
  readonly trainedContext: number;
}

const scalings = ['none', 'linear', 'yarn', 'longrope'] as const;

/** @throws GgufFault */
export function readRotation(
  metadata: Metadata,
  tensors: ReadonlyMap<string, TensorInfo>,
  { architecture, headSize, trainedContext }: Dimensions,
): Rotation {
  const key = (name: string): string => `${architecture}.rope.${name}`;
  const size = metadata.integer(key('dimension_count'), 2, headSize) ?? headSize;
  if (size % 2 !== 0) throw new GgufFault(`it rotates ${size} elements of a head.`);
  const named = metadata.text(key('scaling.type')) ?? 'linear';
  const scaling = scalings.find((one) => one === named);
  if (scaling === undefined) throw new GgufFault(`its rotation is scaled by “${named}”.`, 'unsupported');
  const factor = positive(key('scaling.factor'), metadata) ?? positive(key('scale_linear'), metadata) ?? 1;
  const attention = positive(key('scaling.attn_factor'), metadata) ?? 1;
  const factors = factorNames(tensors, size);
  return {
    size,
    base: positive(key('freq_base'), metadata) ?? 10_000,
    interpolation: scaling === 'none' ? 1 : factor,
    ...(scaling === 'yarn'
      ? {
          yarn: {
            fast: positive(key('scaling.yarn_beta_fast'), metadata) ?? 32,
            slow: positive(key('scaling.yarn_beta_slow'), metadata) ?? 1,
          },
        }
      : {}),
    magnitude: attention * (scaling === 'yarn' ? 1 + 0.1 * Math.log(factor) : 1),
    ...(factors === undefined ? {} : { factors }),
    originalContext: metadata.integer(key('scaling.original_context_length'), 1, 2 ** 31 - 1) ?? trainedContext,
  };
}

function positive(key: string, metadata: Metadata): number | undefined {
  const value = metadata.number(key);
  if (value !== undefined && value <= 0) throw new GgufFault(`its “${key}” is ${value}.`);
  return value;
}

/** Tensors of a rotation that are not weights of a layer. */
export const factorTensors = ['rope_freqs.weight', 'rope_factors_short.weight', 'rope_factors_long.weight'] as const;

function factorNames(tensors: ReadonlyMap<string, TensorInfo>, size: number): Rotation['factors'] {
  const [all, short, long] = factorTensors;
  const names = tensors.has(all) ? { short: all, long: all } : { short, long };
  if (!tensors.has(names.short) && !tensors.has(names.long)) return undefined;
  for (const name of Object.values(names)) {
    if (tensors.get(name)?.width !== size / 2 || tensors.get(name)?.rows !== 1) {
      throw new GgufFault(`it has no “${name}” with ${size / 2} values.`);
    }
  }
  return names;
}

/** Cosines and sines, float32 `[context, size / 2]`. `factors` divide the frequencies. */
export function angles(
  rotation: Rotation,
  context: number,
  factors: Float32Array | undefined,
): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const half = rotation.size / 2;
  const frequencies = Array.from({ length: half }, (_, pair) => frequency(rotation, pair) / (factors?.[pair] ?? 1));
  const cos = new Float32Array(context * half);
  const sin = new Float32Array(context * half);
  for (let position = 0, at = 0; position < context; position++) {
    for (const one of frequencies) {
      const angle = position * one;
      cos[at] = Math.cos(angle) * rotation.magnitude;
      sin[at] = Math.sin(angle) * rotation.magnitude;
      at++;
    }
  }
  return { cos, sin };
}

function frequency({ base, size, interpolation, yarn, originalContext }: Rotation, pair: number): number {
  const own = base ** ((-2 * pair) / size);
  if (yarn === undefined) return own / interpolation;
  const turning = (rotations: number): number =>
    (size * Math.log(originalContext / (rotations * 2 * Math.PI))) / (2 * Math.log(base));
  const low = Math.max(0, Math.floor(turning(yarn.fast)));
  const high = Math.min(size - 1, Math.ceil(turning(yarn.slow)));
  const kept = 1 - Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)));
  return own * kept + (own / interpolation) * (1 - kept);
}
