/** An entry of the library: stored data, facts of the program, and facts from the last load. */
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ModelEntry } from '../../preload/contract.ts';
import { backendLabel } from '../engine-host/figures.ts';
import type { ModelFiles } from './model-files.ts';
import { benchmarkOf } from './benchmarks.ts';
import { stampOf } from '../models/file-cache.ts';
import type { ProgramSummary } from '../models/summary.ts';
import type { Quarantine } from './quarantine.ts';
import type { BenchmarkTable } from '../store/benchmarks.ts';
import type { ModelFactsTable } from '../store/model-facts.ts';
import type { ModelTable, StoredModel } from '../store/models.ts';

/** The model that comes with the app. */
export const bundledId = 'bundled';

export interface EntrySources {
  readonly table: ModelTable;
  readonly facts: ModelFactsTable;
  readonly benchmarks: BenchmarkTable;
  /** @throws the fault of the program */
  readonly summaryOf: (program: string) => Promise<ProgramSummary>;
  readonly files: Pick<ModelFiles, 'stateOf'>;
  readonly quarantine: Pick<Quarantine, 'holds'>;
  /** Folder of models that Wyvern copied or unpacked. */
  readonly ownFolder: string;
}

export async function entryOf(model: StoredModel, sources: EntrySources): Promise<ModelEntry> {
  const { id, name, program, bytes, license, parameters, usedAt } = model;
  const [stamp, summary, files, owned] = await Promise.all([
    stampOf(program).catch(() => undefined),
    sources.summaryOf(program).catch(() => undefined),
    sources.files.stateOf(model),
    isOwned(model, sources),
  ]);
  const told = stamp === undefined ? undefined : sources.facts.get(id, stamp);
  const benchmark = benchmarkOf(sources.benchmarks, id);
  const contextLength = told?.contextLength ?? summary?.contextLength;
  return {
    id,
    name,
    folder: dirname(program),
    bytes,
    bundled: id === bundledId,
    available: files.moved.length === 0 && stamp !== undefined,
    files,
    quarantined: sources.quarantine.holds(files.sha256),
    owned,
    ...(license === undefined ? {} : { license }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(usedAt === undefined ? {} : { usedAt }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(summary === undefined ? {} : { backend: backendLabel(summary) }),
    ...(summary?.target === undefined ? {} : { target: summary.target }),
    ...(benchmark === undefined ? {} : { benchmark }),
    ...(summary?.fit.runs === false ? { misfit: summary.fit.reason } : {}),
  };
}

/**
 * Whether the folder of a model may be deleted: it is directly inside the library's folder, with links resolved, and contains
 * no other model.
 */
export async function isOwned(
  { id, program }: StoredModel,
  { table, ownFolder }: Pick<EntrySources, 'table' | 'ownFolder'>,
): Promise<boolean> {
  if (id === bundledId) return false;
  const place = dirname(program);
  try {
    const [real, library] = await Promise.all([realpath(place), realpath(ownFolder)]);
    if (dirname(real) !== library) return false;
  } catch {
    return false;
  }
  return !table.list().some((other) => other.id !== id && dirname(other.program) === place);
}
