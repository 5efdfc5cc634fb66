import { type ReactNode, useMemo } from 'react';
import type { LiveToken } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { duration } from '../ui/format.ts';
import { useLatency } from './store.ts';
import { decodeSteps, partsOf, percentiles, reportedParts, type PartName } from './parts.ts';

const swatches: Readonly<Record<PartName, string>> = {
  accelerator: 'bg-plot-accelerator',
  backend: 'bg-plot-backend',
  model: 'bg-plot-model',
  host: 'bg-plot-host',
  sampling: 'bg-plot-sampling',
};

/** Legend and table of the plot: each part of a token's time, for the selected or last token, and the median. */
export function PartTable({ tokens }: { readonly tokens: readonly LiveToken[] }): ReactNode {
  const place = useLatency((latency) => latency.pointed);
  const pointed = place !== undefined && place < tokens.length ? place : undefined;
  const { names, medians, wholeMs } = useMemo(() => {
    const steps = decodeSteps(tokens);
    const parts = steps.map(partsOf);
    const reported = reportedParts(tokens.map(partsOf));
    return {
      names: reported.toReversed(),
      medians: Object.fromEntries(
        reported.map((name) => [name, percentiles(parts.flatMap((one) => one[name] ?? []))?.p50] as const),
      ),
      wholeMs: percentiles(steps.map(({ stepUs }) => stepUs / 1000))?.p50,
    };
  }, [tokens]);
  const one = tokens[pointed ?? tokens.length - 1];
  const parts = one ? partsOf(one) : {};
  return (
    <table className="mt-1 w-full text-xs tabular-nums">
      <caption className="sr-only">{strings.latency.parts}</caption>
      <thead className="text-faint">
        <tr>
          <th scope="col" className="text-left font-normal">
            <span className="sr-only">{strings.latency.part}</span>
          </th>
          <th scope="col" className="text-right font-normal" data-testid="part-column">
            {pointed === undefined ? strings.latency.now : strings.latency.numbered(pointed + 1)}
          </th>
          <th scope="col" className="w-20 text-right font-normal">
            {strings.latency.median}
          </th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name} data-testid={`part-${name}`}>
            <th scope="row" className="py-0.5 text-left font-normal">
              <span aria-hidden="true" className={`mr-2 inline-block size-2.5 rounded-xs ${swatches[name]}`} />
              {strings.latency.names[name]}
            </th>
            <td className="text-right">{inMs(parts[name])}</td>
            <td className="text-right">{inMs(medians[name])}</td>
          </tr>
        ))}
        <tr data-testid="part-whole" className="text-muted">
          <th scope="row" className="py-0.5 pl-4.5 text-left font-normal">
            {strings.latency.total}
          </th>
          <td className="text-right">{one && duration(one.stepUs)}</td>
          <td className="text-right">{inMs(wholeMs)}</td>
        </tr>
      </tbody>
    </table>
  );
}

function inMs(value: number | undefined): string {
  return value === undefined ? '' : duration(value * 1000);
}
