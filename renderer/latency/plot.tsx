import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { strings } from '../strings/index.ts';
import type { PartName } from './parts.ts';
import type { PlotData } from './series.ts';

const height = 176;

/**
 * The time of each token, stacked. A slider over the tokens: the pointer or the arrow keys select one, and `describe`
 * gives its text.
 */
export function Plot({
  data,
  label,
  pointed,
  onPoint,
  describe,
}: {
  readonly data: PlotData;
  readonly label: string;
  /** Index of the selected token, from 0. */
  readonly pointed: number | undefined;
  readonly onPoint: (token: number | undefined) => void;
  readonly describe: string;
}): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const plot = usePlot(frame, data);
  useCursor(plot, data, pointed);
  const last = data.numbers.at(-1) ?? 0;
  const first = data.numbers[0] ?? 0;
  const onKeyDown = (event: KeyboardEvent): void => {
    const number = pointed === undefined ? undefined : pointed + 1;
    const next = moved(event.key, number, first, last);
    if (next === undefined) return;
    event.preventDefault();
    onPoint(next - 1);
  };
  return (
    <div
      ref={frame}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={first}
      aria-valuemax={last}
      aria-valuenow={pointed === undefined ? last : pointed + 1}
      aria-valuetext={pointed === undefined ? strings.latency.noToken : describe}
      data-testid="latency-plot"
      className="h-44 w-full rounded-sm outline-offset-1"
      onKeyDown={onKeyDown}
      onBlur={() => onPoint(undefined)}
      onPointerMove={(event) => {
        const current = plot.current;
        if (!current) return;
        const left = event.clientX - current.over.getBoundingClientRect().left;
        const number = Math.ceil(current.posToVal(left, 'x'));
        onPoint(left >= 0 && number >= first && number <= last ? number - 1 : undefined);
      }}
      onPointerLeave={() => onPoint(undefined)}
    />
  );
}

/** Creates the plot inside the frame, and updates it with the data, the window's size, theme and language. */
function usePlot(frame: RefObject<HTMLDivElement | null>, data: PlotData): RefObject<UPlot | undefined> {
  const plot = useRef<UPlot | undefined>(undefined);
  const latest = useRef(data);
  // Another set of lines needs a new plot.
  const kind = `${data.parts.join(' ')}${data.pinned ? ' pinned' : ''}`;

  useEffect(() => {
    latest.current = data;
    plot.current?.setData(columns(data));
  }, [data]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(options(element, latest.current), columns(latest.current), element);
    };
    make();
    // The plot reads colours and words when it is created, so another theme or language needs a new plot.
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', make);
    const look = new MutationObserver(make);
    look.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'lang'] });
    const size = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    size.observe(element);
    return () => {
      scheme.removeEventListener('change', make);
      look.disconnect();
      size.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [frame, kind]);
  return plot;
}

/** Draws a line at the selected token. */
function useCursor(plot: RefObject<UPlot | undefined>, data: PlotData, pointed: number | undefined): void {
  useEffect(() => {
    const current = plot.current;
    if (!current) return;
    const number = pointed === undefined ? undefined : pointed + 1;
    const shown = number !== undefined && data.numbers.includes(number);
    current.setCursor({ left: shown ? current.valToPos(number - 0.5, 'x') : -10, top: shown ? 0 : -10 }, false);
  }, [plot, pointed, data]);
}

/** The token that a key moves to; undefined if the key does not move. */
function moved(key: string, from: number | undefined, first: number, last: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -10,
    PageUp: 10,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[key];
  if (step === undefined || last < first) return undefined;
  if (from === undefined) return key === 'Home' ? first : last;
  return Math.min(last, Math.max(first, from + step));
}

/**
 * Draws the top line first. Each line fills down to the axis, and the next covers its own part. A token's step spans
 * from the number before it to its own number.
 */
function columns({ numbers, lines, pinned }: PlotData): UPlot.AlignedData {
  const start = (numbers[0] ?? 1) - 1;
  const stepped = (line: readonly (number | null)[]): (number | null)[] => [line[0] ?? null, ...line];
  return [
    [start, ...numbers],
    ...lines.toReversed().map(stepped),
    ...(pinned ? [stepped(pinned)] : []),
  ] as UPlot.AlignedData;
}

function options(element: HTMLElement, { parts, pinned }: PlotData): UPlot.Options {
  const style = getComputedStyle(element);
  const axis = {
    stroke: resolved(element, 'faint'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: resolved(element, 'line'), width: 1 },
    ticks: { show: false },
  };
  const paths = UPlot.paths.stepped?.({ align: -1 });
  const stepped = { width: 0, points: { show: false }, ...(paths && { paths }) };
  const lines = parts.toReversed().map((part: PartName): UPlot.Series => {
    return { label: part, fill: resolved(element, `plot-${part}`), ...stepped };
  });
  const over = { label: 'pinned', stroke: resolved(element, 'plot-pinned'), ...stepped, width: 1.25, dash: [3, 2] };
  return {
    width: element.clientWidth,
    height,
    padding: [8, 6, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, bind: unbound },
    scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(high * 1.08, 0.001)] } },
    axes: [
      {
        ...axis,
        size: 22,
        gap: 4,
        grid: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000],
      },
      {
        ...axis,
        size: 50,
        gap: 4,
        values: (_plot, ticks) => ticks.map((tick) => `${strings.formats.editable(tick)} ms`),
      },
    ],
    series: [{}, ...lines, ...(pinned ? [over] : [])],
  };
}

/** Removes the plot's own listeners: one rule selects a token, by pointer and by key. */
const ignore = (): null => null;
const unbound: UPlot.Cursor.Bind = {
  mousedown: ignore,
  mouseup: ignore,
  click: ignore,
  dblclick: ignore,
  mousemove: ignore,
  mouseleave: ignore,
  mouseenter: ignore,
};

/** A canvas does not resolve CSS variables, so this asks an element for the computed colour. */
export function resolved(within: HTMLElement, colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${colour})`;
  within.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
