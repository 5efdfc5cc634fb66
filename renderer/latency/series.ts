/** A run as the lines of a plot. */
import type { LiveToken } from '../../preload/contract.ts';
import { partsOf, reportedParts, stacked, type PartName } from './parts.ts';

export interface PlotData {
  /** Number of each token in its answer, from 1. */
  readonly numbers: readonly number[];
  readonly parts: readonly PartName[];
  /** Stacked lines in milliseconds, bottom first: one per part, null after the end of the run. */
  readonly lines: readonly (readonly (number | null)[])[];
  /** Total time of each token of the pinned run, in milliseconds; absent without a pinned run. */
  readonly pinned?: readonly (number | null)[];
}

/** Tokens that the plot shows during a run. */
const rolling = 160;

/**
 * Numbers tokens from 1, so that two runs overlay. During a run the plot shows the last tokens only; after it, all of
 * both runs.
 */
export function plotData(
  tokens: readonly LiveToken[],
  pinned: readonly LiveToken[] | undefined,
  live: boolean,
): PlotData {
  const from = live ? Math.max(0, tokens.length - rolling) : 0;
  const to = live ? tokens.length : Math.max(tokens.length, pinned?.length ?? 0);
  const shown = tokens.slice(from).map(partsOf);
  const parts = reportedParts(shown);
  const length = to - from;
  const padded = (line: readonly number[]): (number | null)[] =>
    Array.from({ length }, (_, index) => line[index] ?? null);
  return {
    numbers: Array.from({ length }, (_, index) => from + index + 1),
    parts,
    lines: stacked(shown, parts).map(padded),
    ...(pinned && { pinned: padded(pinned.slice(from, to).map(({ stepUs }) => stepUs / 1000)) }),
  };
}
