/** Short facts about a model for the library. */
import type { ModelEntry, ModelState } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { bytes, count, day, short } from '../ui/format.ts';

export type Condition = 'loaded' | 'loading' | 'failed' | 'missing' | 'misfit' | 'idle' | 'ready';

/** Condition of a model: the state of the loaded one, or whether another could be loaded. */
export function conditionOf({ id, available, misfit }: ModelEntry, state: ModelState): Condition {
  if ('modelId' in state && state.modelId === id) {
    if (state.status === 'ready') return 'loaded';
    if (state.status === 'loading') return 'loading';
    if (available && misfit === undefined) return 'failed';
  }
  if (!available) return 'missing';
  if (misfit !== undefined) return 'misfit';
  return state.status === 'none' && state.idle?.modelId === id ? 'idle' : 'ready';
}

/** Names and values; unknown facts are absent. */
export function factsOf(model: ModelEntry): readonly (readonly [name: string, value: string])[] {
  const { facts } = strings.library;
  const { benchmark, backend, target, contextLength, parameters, license, usedAt } = model;
  const known: readonly (readonly [string, string | undefined])[] = [
    [facts.size, bytes(model.bytes)],
    [facts.backend, backend],
    [facts.chip, target],
    [facts.context, contextLength === undefined ? undefined : strings.library.tokens(count(contextLength))],
    [facts.parameters, parameters === undefined ? undefined : short(parameters)],
    [facts.speed, benchmark?.decodeRate && strings.figures.rate(benchmark.decodeRate.median)],
    [facts.license, license],
    [facts.used, usedAt === undefined ? strings.library.never : day(usedAt)],
  ];
  return known.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
}

export type Filter = 'all' | 'cpu' | 'npu';

/** Every typed word occurs in the facts of the model. */
export function matches(model: ModelEntry, text: string, filter: Filter): boolean {
  if (filter !== 'all' && (model.target !== undefined) !== (filter === 'npu')) return false;
  const said = [model.name, model.folder, ...factsOf(model).map(([, value]) => value)].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}
