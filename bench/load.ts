/** Measures how long the native engine loads a model, until it can take a prompt. */
import { median, round, type Figure } from './figure.ts';
import { startOurs, type ProgramFiles } from './speed.ts';

const rounds = 7;

/** Processor time of one thread holds on a busy machine too. The first round warms the files and does not count. */
export async function loadFigure(files: ProgramFiles): Promise<Figure> {
  const times: { readonly ms: number; readonly cpuMs: number }[] = [];
  for (let index = -1; index < rounds; index++) {
    const peer = await startOurs(files, 1);
    if (index >= 0) times.push(peer.loading);
    await peer.end();
  }
  const cpuMs = median(times.map((time) => time.cpuMs));
  return {
    name: 'loading the model, processor time',
    value: cpuMs,
    unit: 'ms',
    target: { atMost: 150 },
    detail: `${round(median(times.map((time) => time.ms)))} ms on the clock; libraries, files and warm-up, one thread`,
  };
}
