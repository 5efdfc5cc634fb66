/** Measures how fast a GGUF becomes a bundle: bytes of weights a second of processor time, with their hash. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from '../main/gguf/bundle.ts';
import type { Figure } from './figure.ts';
import { sourceGguf } from './peers/install.ts';

const rounds = 3;

export async function bundleFigure(): Promise<Figure> {
  const gguf = sourceGguf();
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-bundle-'));
  try {
    let fastest = Infinity;
    for (let round = 0; round < rounds; round++) {
      const since = process.cpuUsage();
      await writeBundle(gguf, join(folder, String(round)), {});
      const { user, system } = process.cpuUsage(since);
      fastest = Math.min(fastest, user + system);
    }
    return {
      name: 'preparing the default model’s GGUF',
      value: statSync(gguf).size / fastest,
      unit: 'MB/s',
      target: { atLeast: 300 },
      detail: `processor time, the fastest of ${rounds}`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
