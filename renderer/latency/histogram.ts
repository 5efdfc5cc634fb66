/** Frequency of token times. */

export interface Histogram {
  /** Start of the first bin, and width of each bin, in the values' unit. */
  readonly from: number;
  readonly width: number;
  /** Values in each bin. The lower edge belongs to the bin; the upper edge only to the last bin. */
  readonly counts: readonly number[];
  /** Values above the last bin, so that a few slow tokens do not squeeze the rest into one bin. */
  readonly above: number;
}

/** Values beyond this many medians count as above. */
const farTimes = 3;

/** @returns undefined for no values, or if all are equal */
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
