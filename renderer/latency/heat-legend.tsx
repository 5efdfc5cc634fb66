import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { heatLooks } from './heat-text.tsx';

/** Legend of the answer's tints. */
export function HeatLegend(): ReactNode {
  return (
    <section className="mt-5" data-testid="heat-legend">
      <h3 className="mb-1.5 text-xs font-medium text-muted">{strings.latency.heatLegend}</h3>
      <ol className="flex overflow-hidden rounded-md border border-line bg-canvas text-center text-2xs tabular-nums">
        {strings.latency.heatSteps.map((step, index) => (
          <li key={step} className={`flex-1 py-1 whitespace-nowrap ${heatLooks[index] ?? ''}`}>
            {step}
          </li>
        ))}
      </ol>
    </section>
  );
}
