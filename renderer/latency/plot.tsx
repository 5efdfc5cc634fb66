import { type ReactNode, useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { PartName } from './parts.ts';

export interface PlotData {
  /** Number of each token within its answer. */
  readonly positions: readonly number[];
  /** Stacked, bottom first, milliseconds: one line a part. */
  readonly lines: readonly (readonly number[])[];
  readonly parts: readonly PartName[];
}

const height = 176;

/** The time of each of the last tokens, stacked. It is described by the figures beside it, so screen readers get `label`. */
export function Plot({ data, label }: { readonly data: PlotData; readonly label: string }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const latest = useRef(data);
  const parts = data.parts.join(' ');

  useEffect(() => {
    latest.current = data;
    plot.current?.setData(columns(data));
  }, [data]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(options(element, latest.current.parts), columns(latest.current), element);
    };
    make();
    // Colours are read when the plot is made: another theme needs another plot.
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', make);
    const theme = new MutationObserver(make);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const size = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    size.observe(element);
    return () => {
      scheme.removeEventListener('change', make);
      theme.disconnect();
      size.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [parts]);

  return <div ref={frame} role="img" aria-label={label} data-testid="latency-plot" className="h-44 w-full" />;
}

/** The topmost line first: each is filled down to the axis, and the next covers what belongs to it. */
function columns({ positions, lines }: PlotData): UPlot.AlignedData {
  return [positions.slice(), ...lines.toReversed().map((line) => line.slice())];
}

function options(element: HTMLElement, parts: readonly PartName[]): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => resolved(element, `var(--${name})`);
  const axis = {
    stroke: colour('faint'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  const stepped = UPlot.paths.stepped?.({ align: 1 });
  return {
    width: element.clientWidth,
    height,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(high * 1.08, 0.001)] } },
    axes: [
      { ...axis, size: 22, gap: 4, grid: { show: false } },
      { ...axis, size: 46, gap: 4, values: (_plot, ticks) => ticks.map((tick) => `${tick} ms`) },
    ],
    series: [
      {},
      ...parts.toReversed().map((part): UPlot.Series => ({
        label: part,
        fill: colour(`plot-${part}`),
        width: 0,
        points: { show: false },
        ...(stepped === undefined ? {} : { paths: stepped }),
      })),
    ],
  };
}

/** A canvas knows no variables: what the page makes of one is asked of an element. */
function resolved(within: HTMLElement, value: string): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  within.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
