/** Numbers as a person reads them. */
const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

export function fraction(value: number): string {
  return percent.format(value);
}

/** Tokens per second: three significant figures below a hundred, whole above. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? whole.format(Math.round(perSecond)) : perSecond.toPrecision(3);
}

/** Microseconds as `840 µs`, `12.4 ms`, `212 ms` or `3.20 s`. */
export function duration(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  const ms = us / 1000;
  if (ms < 100) return `${ms.toPrecision(3)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toPrecision(3)} s`;
}

/** Bytes in decimal units, as disk sizes are sold: `4.1 GB`, `135 MB`. */
export function bytes(value: number): string {
  if (value < 1e6) return `${whole.format(Math.ceil(value / 1e3))} KB`;
  if (value < 1e9) return `${whole.format(Math.round(value / 1e6))} MB`;
  return `${(value / 1e9).toFixed(1)} GB`;
}

/** A count in two or three figures: `135M`, `1.24B`. */
export function short(value: number): string {
  return compact.format(value);
}

/** The day of a time in ms: `Nov 25, 2026`. */
export function day(at: number): string {
  return date.format(at);
}
