/** Compares the attention kernels with plain loops. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Figure } from './figure.ts';

const script = fileURLToPath(new URL('peers/kernels.ts', import.meta.url));

/** Runs in its own process: the addon and its test double cannot both register the kernels with one runtime. */
export async function* kernelFigures(): AsyncGenerator<Figure> {
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  for (const line of stdout.split('\n')) {
    if (line.startsWith('{')) yield JSON.parse(line) as Figure;
  }
}
