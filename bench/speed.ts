/** Measures decode and prefill speed of our native loop as ratios to peers, in turns within one run. */
import { availableParallelism } from 'node:os';
import { checkProgramFile } from '../main/models/preflight.ts';
import { operatorsOf } from '../main/models/program/program.ts';
import { Failure } from '../scripts/lib/failure.mjs';
import { compareTurns, rates } from './compare.ts';
import type { Figure } from './figure.ts';
import { Peer, type PeerRequest } from './peer.ts';
import { installLlamaCpp, peerScript, sourceGguf, upstreamPython } from './peers/install.ts';

const turns = { rounds: 7, time: 'ms' } as const;
const contextTokens = 1024;

interface Measure {
  readonly name: string;
  readonly request: PeerRequest;
}
const measures: readonly Measure[] = [
  { name: 'decode', request: { do: 'decode', tokens: 48 } },
  { name: 'prefill, 200 tokens', request: { do: 'prefill', tokens: 200 } },
  { name: 'prefill, 800 tokens', request: { do: 'prefill', tokens: 800 } },
];

export interface ProgramFiles {
  readonly program: string;
  readonly data: readonly string[];
}

interface Subject extends ProgramFiles {
  /** Most tokens of one call of the program. */
  readonly prefillLength: number;
}

/** Yields each figure as soon as it is measured. It names missing peers on standard error. */
export async function* speedFigures(subject: Subject): AsyncGenerator<Figure> {
  const threads = availableParallelism();
  const ours = await startOurs(subject, threads);
  try {
    yield* againstLlamaCpp(ours, threads);
    yield* againstUpstream(ours, subject, threads);
  } finally {
    await ours.end();
  }
}

export async function startOurs({ program, data }: ProgramFiles, threads: number): Promise<Peer> {
  return await Peer.start('wyvern', process.execPath, [peerScript('wyvern.ts'), String(threads), program, ...data]);
}

async function* againstLlamaCpp(ours: Peer, threads: number): AsyncGenerator<Figure> {
  let llamaCpp;
  try {
    llamaCpp = await installLlamaCpp();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`No comparison with llama.cpp: ${error.report()}`);
    return;
  }
  // llama.cpp is not always fastest on all cores.
  const counts = [...new Set([Math.max(1, threads >> 1), threads])];
  const peers = new Map<number, Peer>();
  try {
    for (const count of counts) {
      const args = [peerScript('llama-cpp.ts'), llamaCpp.module, sourceGguf(), String(count), String(contextTokens)];
      peers.set(count, await Peer.start(llamaCpp.name, process.execPath, args));
    }
    for (const measure of measures) {
      const results = await compareTurns(ours, [...peers.values()], measure.request, turns);
      const [best] = results.toSorted((a, b) => a.ratio - b.ratio);
      if (best === undefined) continue;
      const count = counts[results.indexOf(best)];
      yield {
        name: `${measure.name}: ours / ${llamaCpp.name}`,
        value: best.ratio,
        unit: '×',
        target: { atLeast: measure.request.do === 'decode' ? 1.6 : 1.5 },
        detail: `${rates(best, measure.request)}; ${threads} threads and its better count of ${counts.join(', ')}: ${count ?? 0}`,
      };
    }
  } finally {
    for (const peer of peers.values()) await peer.end();
  }
}

async function* againstUpstream(ours: Peer, subject: Subject, threads: number): AsyncGenerator<Figure> {
  const python = upstreamPython();
  if (python === undefined) {
    console.error("No comparison with ExecuTorch's own runtime: it needs torch, which npm run setup:export installs.");
    return;
  }
  const { program, data, prefillLength } = subject;
  if (operatorsOf(await checkProgramFile(program)).some((name) => name.startsWith('wyvern::'))) {
    console.error(
      "No comparison with ExecuTorch's own runtime: it lacks Wyvern's operators, which this program calls.",
    );
    return;
  }
  const args = [peerScript('executorch_python.py'), String(threads), String(prefillLength), program, ...data];
  const peer = await Peer.start("ExecuTorch's Python runtime", python, args);
  try {
    for (const measure of measures) {
      const [result] = await compareTurns(ours, [peer], measure.request, turns);
      if (result === undefined) continue;
      yield {
        name: `${measure.name}: ours / ${peer.name}`,
        value: result.ratio,
        unit: '×',
        target: { atLeast: 1.05 },
        detail: `${rates(result, measure.request)}; ${threads} threads each`,
      };
    }
  } finally {
    await peer.end();
  }
}
