/**
 * Inverse frequencies of rotary position embeddings, as `transformers` computes them (`modeling_rope_utils.py`): default,
 * linear, llama3 and longrope scaling.
 */

export type RotationScaling =
  | { readonly kind: 'default' }
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      /** Tokens for which the model was trained before it was scaled. */
      readonly originalContext: number;
    }
  | {
      readonly kind: 'longrope';
      readonly factor: number;
      readonly originalContext: number;
      /** One number for each pair. */
      readonly shortFactors: readonly number[];
      readonly longFactors: readonly number[];
    };

export interface RotationSettings {
  /** Pairs of a head that are rotated, D / 2. */
  readonly pairs: number;
  readonly theta: number;
  readonly scaling: RotationScaling;
}

export interface Rotation {
  /** Radians a position, for each pair. */
  readonly inverseFrequencies: readonly number[];
  /** Factor of cos and sin. */
  readonly scale: number;
}

/** @param context tokens that the model holds; beyond its original context, longrope takes the long factors */
export function rotationOf({ pairs, theta, scaling }: RotationSettings, context: number): Rotation {
  const plain = Array.from({ length: pairs }, (_, pair) => theta ** (-pair / pairs));
  switch (scaling.kind) {
    case 'default':
      return { inverseFrequencies: plain, scale: 1 };
    case 'linear':
      return { inverseFrequencies: plain.map((frequency) => frequency / scaling.factor), scale: 1 };
    case 'llama3':
      return { inverseFrequencies: plain.map((frequency) => llama3(frequency, scaling)), scale: 1 };
    case 'longrope': {
      const { factor, originalContext, longFactors, shortFactors } = scaling;
      const factors = context > originalContext ? longFactors : shortFactors;
      return {
        inverseFrequencies: plain.map((frequency, pair) => frequency / (factors[pair] ?? 1)),
        scale: factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalContext)),
      };
    }
  }
}

/** Slow rotations are divided by the factor, fast ones stay, those between are mixed. */
function llama3(
  frequency: number,
  {
    factor,
    lowFrequencyFactor,
    highFrequencyFactor,
    originalContext,
  }: Extract<RotationScaling, { readonly kind: 'llama3' }>,
): number {
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength > originalContext / lowFrequencyFactor) return frequency / factor;
  if (wavelength < originalContext / highFrequencyFactor) return frequency;
  const share = (originalContext / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return ((1 - share) * frequency) / factor + share * frequency;
}
