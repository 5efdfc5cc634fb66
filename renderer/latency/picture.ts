/** Draws the plot as a self-contained picture with model, backend, figures and legend. */
import { strings } from '../strings/index.ts';
import { duration } from '../ui/format.ts';
import { partNames, type PartName } from './parts.ts';
import { resolved } from './plot.tsx';
import { type ShownRun, useLatency } from './store.ts';
import { summaryOf } from './summary.ts';

const padding = 24;
const headHeight = 84;
const footHeight = 40;

/** @returns a PNG in base64; undefined if there is no plot */
export function drawPicture(panel: HTMLElement, shown: ShownRun, parts: readonly PartName[]): string | undefined {
  const plot = panel.querySelector<HTMLCanvasElement>('[data-testid=latency-plot] canvas');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!plot || !context) return undefined;
  const scale = devicePixelRatio;
  const width = plot.width / scale + 2 * padding;
  const height = plot.height / scale + headHeight + footHeight;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  context.fillStyle = resolved(panel, 'sidebar');
  context.fillRect(0, 0, width, height);

  const { fontFamily } = getComputedStyle(panel);
  const write = (text: string, x: number, y: number, font: string, colour: string): void => {
    context.font = `${font} ${fontFamily}`;
    context.fillStyle = resolved(panel, colour);
    context.fillText(text, x, y, width - x - padding);
  };
  const { run } = shown;
  const { decodeRate, firstUs, stepUs } = summaryOf(shown);
  const figures = [
    decodeRate === undefined ? undefined : strings.figures.rate(decodeRate),
    firstUs === undefined ? undefined : strings.figures.first(firstUs),
    stepUs && `p50 ${duration(stepUs.p50)}, p95 ${duration(stepUs.p95)}, p99 ${duration(stepUs.p99)}`,
  ];
  const mode = run.performanceMode === undefined ? '' : ` · ${run.performanceMode}`;
  write(run.model, padding, 32, '600 15px', 'ink');
  write(`${run.backend}${mode}`, padding, 52, '12px', 'muted');
  write(figures.filter(Boolean).join(' · '), padding, 70, '12px', 'muted');
  context.drawImage(plot, padding, headHeight, plot.width / scale, plot.height / scale);

  let x = padding;
  const y = height - 16;
  for (const part of partNames.filter((name) => parts.includes(name))) {
    context.fillStyle = resolved(panel, `plot-${part}`);
    context.fillRect(x, y - 9, 10, 10);
    const name = strings.latency.names[part];
    write(name, x + 15, y, '11px', 'muted');
    x += 15 + context.measureText(name).width + 14;
  }
  const { pinned } = useLatency.getState();
  if (pinned && pinned.run.messageId !== run.messageId) {
    context.strokeStyle = resolved(panel, 'plot-pinned');
    context.setLineDash([3, 2]);
    context.beginPath();
    context.moveTo(x, y - 4);
    context.lineTo(x + 14, y - 4);
    context.stroke();
    write(strings.latency.pinnedTitle(`${pinned.run.model} · ${pinned.run.backend}`), x + 19, y, '11px', 'muted');
  }
  return canvas.toDataURL('image/png').split(',', 2)[1];
}
