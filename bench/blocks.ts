/**
 * Measures each weight type against llama.cpp: a model of random weights, through our engine and through node-llama-cpp.
 * One thread and processor time, so that the ratios hold on a busy machine too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonOf, root } from '../scripts/lib/places.mjs';
import { run } from '../scripts/lib/run.mjs';
import { compareTurns, rates } from './compare.ts';
import type { Figure } from './figure.ts';
import { Peer, type PeerRequest } from './peer.ts';
import { installLlamaCpp, peerScript } from './peers/install.ts';
import { startOurs } from './speed.ts';

const types = [
  ...['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1'],
  ...['Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'IQ4_NL', 'IQ4_XS'],
];
const requests: readonly PeerRequest[] = [
  { do: 'decode', tokens: 24 },
  { do: 'prefill', tokens: 128 },
];
const turns = { rounds: 3, time: 'cpuMs' } as const;
const contextTokens = 512;

export async function* blockFigures(wanted: readonly string[] = types): AsyncGenerator<Figure> {
  const llamaCpp = await installLlamaCpp();
  for (const type of wanted) {
    const folder = mkdtempSync(join(tmpdir(), 'wyvern-blocks-'));
    try {
      await run(pythonOf(join(root, '.venv')), ['-m', 'export', 'block_model', '--type', type, '--out', folder]);
      yield* compareType(type, folder, llamaCpp.module);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function* compareType(type: string, folder: string, llamaCpp: string): AsyncGenerator<Figure> {
  const files = { program: join(folder, 'model.pte'), data: [join(folder, 'model.ptd')] };
  const args = [peerScript('llama-cpp.ts'), llamaCpp, join(folder, 'model.gguf'), '1', String(contextTokens)];
  const ours = await startOurs(files, 1);
  const peer = await Peer.start('llama.cpp', process.execPath, args);
  try {
    for (const request of requests) {
      const [result] = await compareTurns(ours, [peer], request, turns);
      if (result === undefined) continue;
      yield {
        name: `${type}, ${request.do}: ours / llama.cpp`,
        value: result.ratio,
        unit: '×',
        target: { atLeast: request.do === 'decode' ? 1.6 : 1.5 },
        detail: `${rates(result, request)} of processor time, one thread`,
      };
    }
  } finally {
    await ours.end();
    await peer.end();
  }
}
