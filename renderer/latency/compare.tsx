import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { duration, rate } from '../ui/format.ts';
import type { Summary } from './summary.ts';

/** Percentiles of a run. With a pinned run, shows its percentiles and the ratio too. */
export function Compare({ run, pinned }: { readonly run: Summary; readonly pinned: Summary | undefined }): ReactNode {
  const rows = [
    ...(pinned
      ? ([
          [strings.latency.speedRow, (of: Summary) => of.decodeRate, rate],
          [strings.latency.firstRow, (of: Summary) => of.firstUs, duration],
        ] as const)
      : []),
    ['p50', (of: Summary) => of.stepUs?.p50, duration],
    ['p95', (of: Summary) => of.stepUs?.p95, duration],
    ['p99', (of: Summary) => of.stepUs?.p99, duration],
  ] as const;
  return (
    <section className="mt-5">
      <h3 className="mb-1.5 text-xs font-medium text-muted">
        {pinned ? strings.latency.compared : strings.latency.perToken}
      </h3>
      <table className="w-full text-sm tabular-nums" data-testid="latency-percentiles">
        <thead className={pinned ? 'text-xs text-faint' : 'sr-only'}>
          <tr>
            {[
              strings.latency.figure,
              strings.latency.thisRun,
              ...(pinned ? [strings.latency.pinnedRun, strings.latency.ratio] : []),
            ].map((name, index) => (
              <th key={name} scope="col" className={`font-normal ${index === 0 ? 'text-left' : 'text-right'}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, of, format]) => {
            const value = of(run);
            const other = pinned && of(pinned);
            return (
              <tr key={name}>
                <th scope="row" className="py-0.5 text-left font-normal text-muted">
                  {name}
                </th>
                <td className="text-right">{value === undefined ? '' : format(value)}</td>
                {pinned && (
                  <>
                    <td className="pl-2 text-right text-muted">{other === undefined ? '' : format(other)}</td>
                    <td className="pl-2 text-right text-muted">
                      {value === undefined || !other ? '' : strings.latency.times(value / other)}
                    </td>
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
