/** Figures of an answer, as the window shows them. */
import type { AnswerFigures, NpuState } from '../preload/contract.ts';
import type { EngineEvent, LoadedModel, NpuInUse } from './engine/protocol.ts';

/** What a person reads. Off a Snapdragon the HTP is Qualcomm's emulator. */
export function backendLabel({ facts }: Pick<LoadedModel, 'facts'>): string {
  if (facts.backends.includes('QnnBackend')) return process.arch === 'arm64' ? 'HTP (device)' : 'HTP (emulator)';
  return facts.backends.includes('XnnpackBackend') ? 'CPU (XNNPACK)' : 'CPU (portable)';
}

/** Of `v2.49.40.260810104044` people know `2.49.40`. */
export function toNpuState({ folder, buildId, profile, performance = 'default' }: NpuInUse): NpuState {
  const release = buildId === undefined ? undefined : (/\d+\.\d+\.\d+/.exec(buildId)?.[0] ?? buildId);
  return { folder, profileLevel: profile, performanceMode: performance, ...(release === undefined ? {} : { release }) };
}

export function toFigures(
  loaded: LoadedModel,
  { statistics, reason }: Extract<EngineEvent, { type: 'done' }>,
): AnswerFigures {
  const { prefillRate, decodeRate } = statistics;
  return {
    model: loaded.name,
    backend: backendLabel(loaded),
    promptTokens: statistics.promptTokens,
    reusedTokens: statistics.reusedTokens,
    generatedTokens: statistics.generatedTokens,
    timeToFirstTokenUs: statistics.timeToFirstTokenUs,
    contextUsed: statistics.contextUsed,
    contextLength: statistics.contextLength,
    reason,
    ...(prefillRate === undefined ? {} : { prefillRate }),
    ...(decodeRate === undefined ? {} : { decodeRate }),
  };
}
