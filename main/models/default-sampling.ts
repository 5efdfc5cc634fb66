import type { RecommendedSampling } from '../engine/manifest.ts';
import type { SamplingSettings } from '../engine/protocol.ts';

type Sampling = Omit<SamplingSettings, 'seed'>;

/** For models whose bundle recommends nothing. The window and `wyvern chat` start from the same values. */
export const defaultSampling: Sampling = { temperature: 0.2, topK: 0, topP: 0.9, minP: 0, repetitionPenalty: 1.1 };

/** Always the most likely token. */
export const greedySampling: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

/**
 * The sampling of a model unless the person chooses another. A recommendation replaces all defaults: the values it leaves out
 * are off.
 */
export function samplingOf(recommended: RecommendedSampling): Sampling {
  const named = Object.entries(recommended).filter(([, value]) => value !== undefined);
  return named.length > 0 ? { ...greedySampling, ...Object.fromEntries(named) } : defaultSampling;
}
