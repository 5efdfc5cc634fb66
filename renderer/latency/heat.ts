/** Time of each token relative to the median of its run. */
import type { LiveToken } from '../../preload/contract.ts';
import { decodeSteps, hasPass, percentiles } from './parts.ts';

/** Upper bounds of all steps but the last, in medians. */
const bounds = [1.1, 1.25, 1.5, 2] as const;

/** From 0 (up to the median) to 4; undefined for a token without a pass of the model. */
export function heatOf(tokens: readonly LiveToken[]): readonly (number | undefined)[] {
  const median = percentiles(decodeSteps(tokens).map(({ stepUs }) => stepUs))?.p50;
  return tokens.map((token) => {
    if (median === undefined || !hasPass(token)) return undefined;
    const step = bounds.findIndex((bound) => token.stepUs <= bound * median);
    return step < 0 ? bounds.length : step;
  });
}
