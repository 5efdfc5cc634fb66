/** Converts the engine's statistics to the figures in the window. */
import type { AnswerFigures, NpuState, RunPlace } from '../../preload/contract.ts';
import type { EngineEvent, LoadedModel, NpuInUse } from '../engine/protocol.ts';

/** The backend's name for people. On other machines than a Snapdragon, the HTP is Qualcomm's emulator. */
export function backendLabel({ backends }: { readonly backends: readonly string[] }): string {
  if (backends.includes('QnnBackend')) return process.arch === 'arm64' ? 'HTP (device)' : 'HTP (emulator)';
  return backends.includes('XnnpackBackend') ? 'CPU (XNNPACK)' : 'CPU';
}

/** People know `v2.49.40.260810104044` as `2.49.40`. */
export function toNpuState({ folder, dspPart, buildId, profile, performance = 'default' }: NpuInUse): NpuState {
  const release = buildId === undefined ? undefined : (/\d+\.\d+\.\d+/.exec(buildId)?.[0] ?? buildId);
  return {
    folder,
    dspPart,
    profileLevel: profile,
    performanceMode: performance,
    ...(release === undefined ? {} : { release }),
  };
}

export function toPlace(loaded: LoadedModel): RunPlace {
  const { name: model, facts, npu } = loaded;
  const performanceMode = npu && { performanceMode: toNpuState(npu).performanceMode };
  return { model, backend: backendLabel(loaded.facts), contextLength: facts.contextLength, ...performanceMode };
}

export function toFigures(
  loaded: LoadedModel,
  { statistics, reason }: Extract<EngineEvent, { type: 'done' }>,
): AnswerFigures {
  const { timeToFirstTokenUs, prefillRate, decodeRate, stepUs, hvxThreads } = statistics;
  return {
    model: loaded.name,
    backend: backendLabel(loaded.facts),
    promptTokens: statistics.promptTokens,
    reusedTokens: statistics.reusedTokens,
    generatedTokens: statistics.generatedTokens,
    contextUsed: statistics.contextUsed,
    contextLength: statistics.contextLength,
    reason,
    ...(timeToFirstTokenUs === undefined ? {} : { timeToFirstTokenUs }),
    ...(prefillRate === undefined ? {} : { prefillRate }),
    ...(decodeRate === undefined ? {} : { decodeRate }),
    ...(stepUs === undefined ? {} : { stepUs }),
    ...(hvxThreads === undefined ? {} : { hvxThreads }),
    residentBytes: statistics.residentBytes,
  };
}
