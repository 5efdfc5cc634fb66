/** Prints one line per figure. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `×` for a ratio. */
  readonly unit: string;
  /** The target: `atLeast` or `atMost`. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
  /** The value's parts. */
  readonly detail?: string;
}

/** Formats a line: name, value, target and whether the value meets it, parts. */
export function formatFigure({ name, value, unit, target, detail }: Figure): string {
  const columns = [name.padEnd(44), `${round(value)} ${unit}`.padStart(12)];
  if (target !== undefined) {
    const [sign, bound] = 'atLeast' in target ? ['≥', target.atLeast] : ['≤', target.atMost];
    const met = 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
    columns.push(`${met ? 'met   ' : 'missed'} ${sign} ${bound}`.padEnd(14));
  }
  if (detail !== undefined) columns.push(`(${detail})`);
  return columns.join('  ');
}

export function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** @throws RangeError if there are no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle];
  if (upper === undefined || lower === undefined) throw new RangeError('The median of nothing is not defined.');
  return (lower + upper) / 2;
}

/**
 * Returns the smallest value that is at least as large as this share of all values.
 * @param share 0…1
 * @returns NaN if there are no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
