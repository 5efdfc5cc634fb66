/** Measures the speed of the loaded model on request and stores it with the model. */
import type { Emit } from '../../preload/contract.ts';
import { randomUUID } from 'node:crypto';
import { benchmarkFigures, type ModelBenchmark } from '../../preload/contract.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import { backendLabel } from '../engine-host/figures.ts';
import type { Catalogue } from './catalogue.ts';
import type { CurrentModel } from './current-model.ts';
import type { Turns } from './turns.ts';
import { thisHardware } from '../models/program/machine.ts';
import type { BenchmarkTable } from '../store/benchmarks.ts';

/** The same for every model, so that models can be compared. */
const plan = { promptTokens: 128, tokens: 64, runs: 3 } as const;

interface Running {
  readonly id: string;
  readonly host: EngineHost;
  readonly ended: PromiseWithResolvers<undefined>;
  readonly stopped: AbortController;
}

export interface BenchmarkDependencies {
  readonly table: BenchmarkTable;
  readonly current: Pick<CurrentModel, 'ready'>;
  readonly catalogue: Pick<Catalogue, 'announce'>;
  readonly turns: Turns;
  readonly emit: Emit;
}

export class Benchmarks {
  readonly #with: BenchmarkDependencies;
  #running: Running | undefined;

  constructor(dependencies: BenchmarkDependencies) {
    this.#with = dependencies;
  }

  /**
   * Measures the loaded model. Running work is stopped first.
   * @returns undefined if it was stopped
   * @throws AppFailure `model-not-loaded`, or the error of the measurement
   */
  async run(): Promise<ModelBenchmark | undefined> {
    const { table, current, catalogue, turns, emit } = this.#with;
    await this.stop();
    const { host, loaded, modelId } = await current.ready();
    const stopped = new AbortController();
    const running: Running = { id: `benchmark-${randomUUID()}`, host, ended: Promise.withResolvers(), stopped };
    this.#running = running;
    let endTurn: (() => void) | undefined;
    try {
      endTurn = await turns.take('benchmark', { signal: stopped.signal }).catch(() => undefined);
      if (endTurn === undefined) return undefined;
      const { contextLength, backends } = loaded.facts;
      // If the context is too short for the plan, fewer tokens are measured, and the figures say how many.
      const fits = contextLength > plan.promptTokens + plan.tokens;
      const own = fits ? plan : { ...plan, promptTokens: contextLength >> 1, tokens: Math.max(2, contextLength >> 2) };
      const figures = await host.benchmark(running.id, own, (run) =>
        emit('models.measuring', { modelId, run, runs: own.runs }),
      );
      if (figures === undefined) return undefined;
      const place = !backends.includes('QnnBackend') ? 'CPU' : process.arch === 'arm64' ? 'device' : 'emulator';
      const kept = benchmarkFigures.parse({
        ...figures,
        place,
        backend: backendLabel(loaded.facts),
        machine: thisMachine(),
        threads: loaded.runtime?.threads,
      });
      const measuredAt = Date.now();
      table.put(modelId, thisMachine(), measuredAt, kept);
      await catalogue.announce();
      return { ...kept, measuredAt };
    } finally {
      endTurn?.();
      if (this.#running === running) this.#running = undefined;
      running.ended.resolve(undefined);
      emit('models.measuring', {});
    }
  }

  /** Resolves when the engine is free. */
  async stop(): Promise<void> {
    const running = this.#running;
    running?.stopped.abort();
    running?.host.stop(running.id);
    await running?.ended.promise;
  }
}

/** Names of the processor and the system. */
function thisMachine(): string {
  const { processor, platform, arch } = thisHardware();
  return `${processor || 'unknown processor'} (${platform} ${arch})`;
}

/** The stored figures, if they are valid. */
export function benchmarkOf(table: BenchmarkTable, modelId: string): ModelBenchmark | undefined {
  const kept = table.get(modelId, thisMachine());
  const figures = benchmarkFigures.safeParse(kept?.figures);
  return kept && figures.success ? { ...figures.data, measuredAt: kept.measuredAt } : undefined;
}
