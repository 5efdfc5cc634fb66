/** What the time of one token is made of, and what a run of tokens looks like in figures. */
import type { LiveToken } from '../../preload/contract.ts';

/** From the bottom of the plot to its top. `model` is a pass of which nothing more is known. */
export const partNames = ['accelerator', 'backend', 'model', 'host', 'sampling'] as const;
export type PartName = (typeof partNames)[number];

/** Milliseconds; what is not reported is absent. Together they are the token's whole time. */
export type Parts = Readonly<Partial<Record<PartName, number>>>;

/**
 * Backend is what it took beside the accelerator, host what the step took beside the backend. Measured by different
 * clocks, a part may come out below zero by a hair: that is shown as none.
 */
export function partsOf({ stepUs, samplingUs, backendUs, acceleratorUs, timeToFirstTokenUs }: LiveToken): Parts {
  const passUs = stepUs - samplingUs;
  const ms = (us: number): number => Math.max(0, us) / 1000;
  // No pass of the model was made for it.
  if (timeToFirstTokenUs !== undefined) return { sampling: ms(samplingUs) };
  if (backendUs === undefined) return { model: ms(passUs), sampling: ms(samplingUs) };
  return {
    ...(acceleratorUs === undefined ? {} : { accelerator: ms(acceleratorUs) }),
    backend: ms(backendUs - (acceleratorUs ?? 0)),
    host: ms(passUs - backendUs),
    sampling: ms(samplingUs),
  };
}

/** Tokens that the model was run for: the first after a prompt is sampled from what the prompt's last pass gave. */
export function decodeSteps(tokens: readonly LiveToken[]): readonly LiveToken[] {
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

/** The parts that any of these tokens has, bottom first. */
export function reportedParts(parts: readonly Parts[]): readonly PartName[] {
  return partNames.filter((name) => parts.some((one) => one[name] !== undefined));
}

/** One line a part, each with those below it added: what a stacked plot draws. */
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

/** Tokens per second of these steps' own time; undefined below two. */
export function rateOf(steps: readonly LiveToken[]): number | undefined {
  const us = steps.reduce((sum, { stepUs }) => sum + stepUs, 0);
  return steps.length >= 2 && us > 0 ? (steps.length / us) * 1e6 : undefined;
}
