/** E1: a bad model cannot end the app. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { percentile } from '../bench/figure.ts';
import { systemClock } from '../main/clock.ts';
import { toAppError } from '../main/app-error.ts';
import type { AppError } from '../preload/contract.ts';
import { mutated, written, type BadBundle } from './bad-bundles.ts';
import type { Outcome, TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder, makeSampleFiles, readEverything, writeFiles } from './sample-store.ts';
import { buildEngine, fixture, forkBuilt, hasEmulator, must, WindowlessApp } from './windowless-app.ts';

/** Number of apps in parallel. */
const width = 2;
/** Longest time of a refusal, on an idle machine. */
const promisedMs = 1000;
/** Longest time of a refusal, on a busy machine. */
const toleratedMs = 10 * promisedMs;
/** Patience for a silent engine: a tenth of the app's, so that a hang ends a case sooner. */
const hurry = 10;
const clock = { ...systemClock, every: (ms: number, tick: () => void) => systemClock.every(ms / hurry, tick) };

interface Tally {
  readonly refusedMs: number[];
  readonly refusedByEngineMs: number[];
  enginesLost: number;
  answered: number;
}

export const badModels: TriedPromise = {
  id: 'E1',
  says: 'a bad model cannot take down the app',
  cases: 330,
  attempt: ({ cases, ...trial }) =>
    inFolder(async (folder) => {
      const entry = await buildEngine(join(folder, 'built'));
      const tally: Tally = { refusedMs: [], refusedByEngineMs: [], enginesLost: 0, answered: 0 };
      const outcomes = await Promise.all(
        Array.from({ length: width }, async (_, worker) => {
          const share = Math.ceil((cases - worker) / width);
          const own = join(folder, String(worker));
          mkdirSync(own);
          const first = (index: number): number => index * width + worker;
          return await tryInOneApp(own, entry, { ...trial, seed: trial.seed + worker, cases: share }, first, tally);
        }),
      );
      const median = Math.round(percentile(tally.refusedByEngineMs, 0.5));
      const slowest = Math.round(percentile(tally.refusedMs, 1));
      const note = [
        `${tally.refusedMs.length} refused before the engine, the slowest in ${slowest} ms`,
        `${tally.refusedByEngineMs.length} by it, with its start in ${median} ms (median)`,
        `${tally.enginesLost} ended it`,
        `${tally.answered} loaded and were asked`,
      ].join('; ');
      return {
        cases: sum(outcomes, 'cases'),
        survived: sum(outcomes, 'survived'),
        lost: sum(outcomes, 'lost'),
        failures: outcomes.flatMap(({ failures }) => failures),
        note,
      };
    }),
};

function sum(outcomes: readonly Outcome[], name: 'cases' | 'survived' | 'lost'): number {
  return outcomes.reduce((total, outcome) => total + outcome[name], 0);
}

/** @param place The case's index. */
async function tryInOneApp(
  folder: string,
  entry: string,
  trial: Parameters<typeof tryCases>[0],
  place: (index: number) => number,
  tally: Tally,
): Promise<Outcome> {
  writeFiles(join(folder, 'wyvern.sqlite'), makeSampleFiles());
  const app = new WindowlessApp(folder, { fork: () => forkBuilt(entry), clock });
  const { store, settings } = app.services;
  settings.set({ maxTokens: 2, threads: 1 });
  const before = readEverything(store);
  const outcome = await tryCases(trial, async (random, index) => {
    const nth = place(index);
    const bundle = written[nth] ?? mutated(random, nth, hasEmulator);
    try {
      await drop(app, join(folder, `bundle ${index}`), bundle, tally);
    } catch (cause) {
      throw new Error(bundle.what, { cause });
    }
    must(!existsSync(join(folder, 'evil.pte')), 'nothing to be written outside of the library');
    return 0;
  });
  await app.services.models.current.unload();
  await app.open(fixture('tiny-llama'));
  const good = await app.ask('Hello!', 'after').ended;
  const failures = [...outcome.failures];
  if (good.state !== 'complete') failures.push(`A good model does not answer afterwards: ${JSON.stringify(good)}`);
  const after = readEverything(store);
  const lost = [...before.messages].filter(([id, text]) => after.messages.get(id) !== text).length;
  if (![...before.paths].every(([id, path]) => isDeepStrictEqual(after.paths.get(id), path)))
    failures.push('A chat has other messages');
  await app.quit();
  const database = new DatabaseSync(join(folder, 'wyvern.sqlite'));
  const integrity = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
  database.close();
  if (integrity !== 'ok') failures.push(`integrity_check: ${String(integrity)}`);
  const survived = failures.length > outcome.failures.length ? 0 : outcome.survived;
  return { ...outcome, survived, lost: outcome.lost + lost, failures };
}

async function drop(app: WindowlessApp, path: string, { files, npu = false }: BadBundle, tally: Tally): Promise<void> {
  const { additions, models } = app.services;
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  const archive = 'model.zip' in files;
  const since = performance.now();
  const opened = await additions.open([archive ? join(path, 'model.zip') : path]).catch(typed);
  const tookMs = performance.now() - since;
  if (opened === undefined) {
    // The app asks for a missing part; nobody answers.
    const { state } = additions;
    must(state?.status === 'asking', 'a question');
    await additions.cancel(state.id);
    tally.refusedMs.push(tookMs);
    return;
  }
  if ('code' in opened) {
    must(tookMs < toleratedMs, `a refusal within ${toleratedMs} ms, not ${Math.round(tookMs)}`);
    tally.refusedMs.push(tookMs);
    return;
  }
  const state = await app.settled();
  if (state.status === 'failed') {
    note(state.error, tally, performance.now() - since);
  } else {
    const { state: end, error } = await app.ask('aaaa aaaa!', 'probe').ended;
    must(end !== 'streaming', 'an end');
    if (error) note(error, tally, performance.now() - since);
    else tally.answered++;
  }
  // Do not use QNN twice in one process; each load has its own process anyway.
  if (npu) await models.current.unload();
  await models.remove(opened.modelId);
}

function note({ code }: AppError, tally: Tally, tookMs: number): void {
  must(code !== 'internal', 'a failure with a code of its own');
  if (code === 'engine-crashed' || code === 'engine-unresponsive' || code === 'model-quarantined') tally.enginesLost++;
  else tally.refusedByEngineMs.push(tookMs);
}

/** @throws any unexpected failure */
function typed(cause: unknown): AppError {
  const error = toAppError(cause);
  if (error.code === 'internal' || error.message === '') throw cause;
  return error;
}
