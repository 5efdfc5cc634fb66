import { type ReactNode, useMemo } from 'react';
import { strings } from '../strings/index.ts';
import { duration } from '../ui/format.ts';
import { histogram } from './histogram.ts';

const bins = 36;
const height = 48;

/** Distribution of the token times, with a text for screen readers. */
export function HistogramView({ times }: { readonly times: readonly number[] }): ReactNode {
  const drawn = useMemo(() => histogram(times, bins), [times]);
  if (!drawn) return null;
  const { from, width, counts, above } = drawn;
  const to = from + width * bins;
  return (
    <section className="mt-5">
      <h3 className="mb-1.5 text-xs font-medium text-muted">{strings.latency.distribution}</h3>
      <svg
        role="img"
        aria-label={strings.latency.bins(duration(from), duration(to), above)}
        viewBox={`0 0 ${bins * 4} ${height}`}
        preserveAspectRatio="none"
        className="block h-12 w-full fill-current text-plot-accelerator"
        data-testid="latency-histogram"
      >
        <path d={barsOf(counts)} />
      </svg>
      <p aria-hidden="true" className="mt-1 flex justify-between text-2xs text-faint tabular-nums">
        <span>{duration(from)}</span>
        {above > 0 && <span>{strings.latency.above(above)}</span>}
        <span>{duration(to)}</span>
      </p>
    </section>
  );
}

/** All bars in one path. */
function barsOf(counts: readonly number[]): string {
  const most = Math.max(...counts, 1);
  return counts
    .map((count, bin) => {
      const tall = count === 0 ? 0 : Math.max(1.5, (count / most) * height);
      return `M${bin * 4} ${height}v${-tall}h3.2v${tall}z`;
    })
    .join('');
}
