/** Splits the time of a token into parts, and computes the figures of a run. */
import type { LiveToken } from '../../preload/contract.ts';

/** From the bottom of the plot to its top. `model` is a pass whose parts are not reported. */
export const partNames = ['accelerator', 'backend', 'model', 'host', 'sampling'] as const;
export type PartName = (typeof partNames)[number];

/** Milliseconds. A part that is not reported is absent. The parts add up to the token's total time. */
export type Parts = Readonly<Partial<Record<PartName, number>>>;

/**
 * Backend time excludes the accelerator, and host time excludes the backend. Different clocks measure them, so a part
 * can be slightly negative; it is then shown as zero.
 */
export function partsOf(token: LiveToken): Parts {
  const { stepUs, samplingUs, backendUs, acceleratorUs } = token;
  const passUs = stepUs - samplingUs;
  const ms = (us: number): number => Math.max(0, us) / 1000;
  if (!hasPass(token)) return { sampling: ms(samplingUs) };
  if (backendUs === undefined) return { model: ms(passUs), sampling: ms(samplingUs) };
  return {
    ...(acceleratorUs === undefined ? {} : { accelerator: ms(acceleratorUs) }),
    backend: ms(backendUs - (acceleratorUs ?? 0)),
    host: ms(passUs - backendUs),
    sampling: ms(samplingUs),
  };
}

/**
 * Whether a pass of the model was made for this token. The logits of the first after a prompt come from the prefill, those of a
 * token that prompt lookup drafted from the pass of an earlier token.
 */
export function hasPass({ timeToFirstTokenUs, accepted }: LiveToken): boolean {
  return timeToFirstTokenUs === undefined && accepted === undefined;
}

/** Tokens with a pass of the model. */
export function decodeSteps(tokens: readonly LiveToken[]): readonly LiveToken[] {
  return tokens.filter(hasPass);
}

/** Tokens of the decode phase: all but the first after a prompt. */
export function decodedTokens(tokens: readonly LiveToken[]): readonly LiveToken[] {
  return tokens.filter(({ timeToFirstTokenUs }) => timeToFirstTokenUs === undefined);
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Nearest rank; undefined without values. */
export function percentiles(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Parts that any of these tokens has, bottom first. */
export function reportedParts(parts: readonly Parts[]): readonly PartName[] {
  return partNames.filter((name) => parts.some((one) => one[name] !== undefined));
}

/** One line per part, each including the parts below it, for a stacked plot. */
export function stacked(parts: readonly Parts[], names: readonly PartName[]): readonly (readonly number[])[] {
  const lines: number[][] = [];
  let below: readonly number[] = parts.map(() => 0);
  for (const name of names) {
    const line = parts.map((one, index) => (below[index] ?? 0) + (one[name] ?? 0));
    lines.push(line);
    below = line;
  }
  return lines;
}

/** Tokens per second over their own time; undefined for fewer than two. */
export function rateOf(tokens: readonly LiveToken[]): number | undefined {
  const us = tokens.reduce((sum, { stepUs }) => sum + stepUs, 0);
  return tokens.length >= 2 && us > 0 ? (tokens.length / us) * 1e6 : undefined;
}
