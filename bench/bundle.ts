/** Measures the time that set-up takes to make the default model's bundle from the downloaded file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonOf, root } from '../scripts/lib/places.mjs';
import { run } from '../scripts/lib/run.mjs';
import type { Figure } from './figure.ts';

export async function bundleFigure(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-bundle-'));
  try {
    const since = performance.now();
    await run(pythonOf(join(root, '.venv')), ['-m', 'export', 'bundle', 'smollm2', '--out', folder]);
    return {
      name: 'making the default model bundle',
      value: (performance.now() - since) / 1000,
      unit: 's',
      target: { atMost: 60 },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
