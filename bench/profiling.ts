/** Measures the cost of QNN's profile levels per step, in turns with steps without profiling, on the emulator. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { setup } from '../scripts/setup.mjs';
import type { Figure } from './figure.ts';

const root = join(import.meta.dirname, '..');
const model = join(root, 'e2e/fixtures/tiny-llama-qnn-kv');
const levels = ['off', 'basic', 'detailed'] as const;
const turns = 5;

const report = z.object({ stepUs: z.object({ p50: z.number() }) });

/** Runs each level in its own process: a process has one level. */
async function stepUs(level: (typeof levels)[number]): Promise<number> {
  const amounts = ['--prompt-tokens', '8', '--tokens', '40', '--runs', '1'];
  const args = ['main/cli/index.ts', 'bench', '--model', model, '--profile', level, ...amounts, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return report.parse(JSON.parse(stdout)).stepUs.p50;
}

export async function* profilingFigure(): AsyncGenerator<Figure> {
  await setup({ emulator: true });
  const times = { off: [], basic: [], detailed: [] } as Record<(typeof levels)[number], number[]>;
  for (let turn = 0; turn < turns; turn++) {
    for (const level of levels) times[level].push(await stepUs(level));
  }
  // The minimum is the level's cost; the rest is other work of the machine.
  const off = Math.min(...times.off);
  for (const level of ['basic', 'detailed'] as const) {
    const measured = Math.min(...times[level]);
    yield {
      name: `step with profile ${level} / off (HTP emulator)`,
      value: measured / off,
      unit: '×',
      detail: `${(measured / 1000).toFixed(1)} and ${(off / 1000).toFixed(1)} ms, the least median of ${turns} turns`,
    };
  }
}
