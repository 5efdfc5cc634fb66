/** The cosines and sines of each kind of rotation against those of `transformers`; `python -m export rotation_goldens`. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rotationOf, type RotationScaling } from '../../../main/engine/genie/rotation.ts';
import { readJson } from '../addon.ts';
import { kvLayout } from './kv-layout-test-addon.ts';

/** The fields of `rope_scaling` in Hugging Face's `config.json`. */
interface Scaling {
  readonly rope_type: RotationScaling['kind'];
  readonly factor: number;
  readonly low_freq_factor: number;
  readonly high_freq_factor: number;
  readonly original_max_position_embeddings: number;
  readonly short_factor: readonly number[];
  readonly long_factor: readonly number[];
}
interface Golden {
  readonly name: string;
  readonly head: number;
  readonly theta: number;
  readonly context: number;
  readonly scaling: Scaling;
  readonly positions: readonly number[];
  readonly cos: readonly (readonly number[])[];
  readonly sin: readonly (readonly number[])[];
}
const goldens = readJson(fileURLToPath(new URL('../fixtures/rotation.json', import.meta.url))) as readonly Golden[];

function scalingOf(scaling: Scaling): RotationScaling {
  const { factor, original_max_position_embeddings: originalContext } = scaling;
  switch (scaling.rope_type) {
    case 'default':
      return { kind: 'default' };
    case 'linear':
      return { kind: 'linear', factor };
    case 'llama3':
      return {
        kind: 'llama3',
        factor,
        lowFrequencyFactor: scaling.low_freq_factor,
        highFrequencyFactor: scaling.high_freq_factor,
        originalContext,
      };
    case 'longrope':
      return {
        kind: 'longrope',
        factor,
        originalContext,
        shortFactors: scaling.short_factor,
        longFactors: scaling.long_factor,
      };
  }
}

test.each(goldens)('$name', ({ head, theta, context, scaling, positions, cos, sin }) => {
  const { inverseFrequencies, scale } = rotationOf({ pairs: head / 2, theta, scaling: scalingOf(scaling) }, context);
  for (const [row, position] of positions.entries()) {
    const found = kvLayout.rotation(Float64Array.from(inverseFrequencies), scale, position);
    for (const [pair, frequency] of inverseFrequencies.entries()) {
      // transformers computes in float32: power, factor, product, quotient and angle move an angle by up to 2^-24 of it each.
      const tolerance = scale * (5 * 2 ** -24 * frequency * position + 2 ** -22);
      expect(Math.abs(found[pair]! - cos[row]![pair]!)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(found[head / 2 + pair]! - sin[row]![pair]!)).toBeLessThanOrEqual(tolerance);
    }
  }
});
