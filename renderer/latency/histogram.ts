/** How often each time occurred. */

export interface Histogram {
  /** Where the first bin begins, and how wide each is, in the values' unit. */
  readonly from: number;
  readonly width: number;
  /** How many values are in each bin: its lower edge included, its upper edge in the last only. */
  readonly counts: readonly number[];
  /** Values above the last bin: a few that took very long must not squeeze the rest into one bin. */
  readonly above: number;
}

/** Beyond this many times the median a value is counted as above. */
const farTimes = 3;

/** @returns undefined without values, or if they are all the same */
export function histogram(values: readonly number[], bins: number): Histogram | undefined {
  const sorted = Float64Array.from(values).sort();
  const from = sorted[0] ?? 0;
  const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  const most = sorted.at(-1) ?? 0;
  const to = median > 0 ? Math.min(most, Math.max(farTimes * median, from)) : most;
  const width = (to - from) / bins;
  if (!(width > 0)) return undefined;
  const counts = Array.from({ length: bins }, () => 0);
  let above = 0;
  for (const value of sorted) {
    if (value > to) above++;
    else {
      const bin = Math.min(bins - 1, Math.floor((value - from) / width));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { from, width, counts, above };
}
