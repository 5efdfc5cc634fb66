/** The rotation in Hugging Face's `config.json`. */
import { z } from 'zod';
import { readJson } from '../bounded-json.ts';
import type { RotationScaling, RotationSettings } from './rotation.ts';

const factor = z.number().positive().max(1e9);
const factors = z.array(factor).min(1).max(4096);
const schema = z.looseObject({
  rope_theta: factor.optional(),
  original_max_position_embeddings: z.number().int().positive().optional(),
  rope_scaling: z
    .looseObject({
      rope_type: z.string().max(64).optional(),
      type: z.string().max(64).optional(),
      factor: factor.optional(),
      low_freq_factor: factor.optional(),
      high_freq_factor: factor.optional(),
      original_max_position_embeddings: z.number().int().positive().optional(),
      short_factor: factors.optional(),
      long_factor: factors.optional(),
    })
    .nullish(),
});

/**
 * The rotation that `config.json` gives: the same kind as in Genie's configuration with the model's own numbers. AI Hub wrote
 * a factor of 8 for each Llama 3.2, and Meta's is 32. Undefined if the file lacks it, cannot be read or names another kind.
 */
export async function configRotation(path: string, written: RotationSettings): Promise<RotationSettings | undefined> {
  const json = await readJson(path, schema).catch(() => undefined);
  if (json === undefined) return undefined;
  const scaling = scalingOf(json, written.scaling);
  return scaling && { ...written, theta: json.rope_theta ?? written.theta, scaling };
}

function scalingOf(json: z.output<typeof schema>, written: RotationScaling): RotationScaling | undefined {
  const own = json.rope_scaling;
  const kind = own?.rope_type ?? own?.type ?? 'default';
  if (kind !== written.kind) return undefined;
  const originalContext = own?.original_max_position_embeddings ?? json.original_max_position_embeddings;
  switch (written.kind) {
    case 'default':
      return written;
    case 'linear':
      return { ...written, factor: own?.factor ?? written.factor };
    case 'llama3':
      return {
        ...written,
        factor: own?.factor ?? written.factor,
        lowFrequencyFactor: own?.low_freq_factor ?? written.lowFrequencyFactor,
        highFrequencyFactor: own?.high_freq_factor ?? written.highFrequencyFactor,
        originalContext: originalContext ?? written.originalContext,
      };
    case 'longrope': {
      const { short_factor: short, long_factor: long } = own ?? {};
      const pairs = written.shortFactors.length;
      return {
        ...written,
        originalContext: originalContext ?? written.originalContext,
        shortFactors: short?.length === pairs ? short : written.shortFactors,
        longFactors: long?.length === pairs ? long : written.longFactors,
      };
    }
  }
}
