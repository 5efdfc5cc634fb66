/**
 * Measures each weight type against llama.cpp: a model of random weights, through our engine and through node-llama-cpp.
 * One thread and processor time, so that the ratios hold on a busy machine too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from '../main/gguf/bundle.ts';
import { tinyModel } from '../main/gguf/testing/tiny-models.ts';
import { writeGguf } from '../main/gguf/testing/write-gguf.ts';
import { compareTurns, rates } from './compare.ts';
import type { Figure } from './figure.ts';
import { Peer, type PeerRequest } from './peer.ts';
import { installLlamaCpp, peerScript } from './peers/install.ts';
import { startOurs } from './speed.ts';

/** GGUF's numbers. */
const types = {
  ...{ F32: 0, F16: 1, BF16: 30, Q8_0: 8, Q4_0: 2, Q4_1: 3, Q5_0: 6, Q5_1: 7 },
  ...{ Q2_K: 10, Q3_K: 11, Q4_K: 12, Q5_K: 13, Q6_K: 14, IQ4_NL: 20, IQ4_XS: 23 },
};
/** The default model's size, with widths that every block type divides. */
const shape = {
  ...{ architecture: 'llama', layers: 8, width: 768, hidden: 2048, heads: 12, kvHeads: 4 },
  ...{ context: 1024, vocabulary: 49_152 },
};
const requests: readonly PeerRequest[] = [
  { do: 'decode', tokens: 24 },
  { do: 'prefill', tokens: 128 },
];
const turns = { rounds: 3, time: 'cpuMs' } as const;
const contextTokens = 512;

export async function* blockFigures(): AsyncGenerator<Figure> {
  const llamaCpp = await installLlamaCpp();
  for (const [type, number] of Object.entries(types)) {
    const folder = mkdtempSync(join(tmpdir(), 'wyvern-blocks-'));
    try {
      const gguf = join(folder, 'model.gguf');
      writeGguf(gguf, tinyModel({ ...shape, type: number, tableType: number }));
      await writeBundle(gguf, folder, {});
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
