import { type ReactNode, useEffect, useRef } from 'react';
import type { LiveToken } from '../../preload/contract.ts';
import { hasPass } from './parts.ts';

const barPx = 2;
const gapPx = 1;

/**
 * The time of each of the last tokens as a bar; a full bar is twice the median. Figures next to it say the same, so it
 * is hidden from screen readers.
 */
export function StepStrip({
  steps,
  subscribe,
}: {
  readonly steps: () => readonly LiveToken[];
  readonly subscribe: (listener: () => void) => () => void;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const redraw = (): void => {
      if (canvas.current) draw(canvas.current, steps());
    };
    redraw();
    return subscribe(redraw);
  }, [steps, subscribe]);
  return <canvas ref={canvas} aria-hidden="true" className="h-4 w-24 shrink-0 text-accent" />;
}

function draw(canvas: HTMLCanvasElement, steps: readonly LiveToken[]): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  context.fillStyle = getComputedStyle(canvas).color;
  // Tokens without a pass of their own would be bars of no height.
  const shown = steps.filter(hasPass).slice(-Math.floor((width + gapPx) / (barPx + gapPx)));
  const times = shown.map(({ stepUs }) => stepUs);
  const median = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
  if (median <= 0) return;
  for (const [index, us] of times.entries()) {
    const bar = Math.max(1, Math.min(1, us / (2 * median)) * height);
    context.fillRect(index * (barPx + gapPx), height - bar, barPx, bar);
  }
}
