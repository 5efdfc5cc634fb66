import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Emit, ModelEntry, ModelFileState, ModelState } from '../../preload/contract.ts';
import { AppFailure } from '../failure.ts';
import { ModelLibrary } from './model-library.ts';
import { Catalogue } from './catalogue.ts';
import { CurrentModel } from './current-model.ts';
import type { FoundBundle } from './found-bundle.ts';
import { Quarantine } from './quarantine.ts';
import type { ProgramSummary } from '../models/summary.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { loadedModel, ScriptedEngine, settled } from '../testing/scripted-engine.ts';

let folder: string;
let store: Store;
let engines: ScriptedEngine[];
let states: ModelState[];
let announced: (readonly ModelEntry[])[];
let library: ModelLibrary;
/** Paths of files with the same content. */
const copyOf = new Map<string, string>();
/** What the look at the files says before a load. */
let filesFail: AppFailure | undefined;

const intact: ModelFileState = { moved: [], changed: [], mismatched: [], verified: 0 };
let clock: ManualClock;
let idleMinutes: number | undefined;
let revealed: string[];

const summary: ProgramSummary = {
  backends: ['XnnpackBackend'],
  fit: { runs: true },
  contextLength: 128,
  stateBytes: 1_000_000,
};

const bundleAt = (path: string): FoundBundle => ({
  paths: { program: path, data: [], tokenizer: `${path}.model` },
  files: [{ part: 'program', path, bytes: 5, modifiedAt: 1 }],
  name: `Model ${path.slice(folder.length + 1)}`,
  bytes: 5,
  sampling: {},
  memory: { fileBytes: 4_000_000, stateBytes: 1_000_000 },
});
const at = (name: string): string => join(folder, name);
const engine = (): ScriptedEngine => engines.at(-1)!;

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  folder = mkdtempSync(join(tmpdir(), 'wyvern-library-'));
  for (const name of ['bundled.pte', 'a.pte', 'b.pte']) writeFileSync(at(name), 'model');
  store = openStore(at('store.sqlite'));
  engines = [];
  clock = new ManualClock();
  states = [];
  announced = [];
  filesFail = undefined;
  copyOf.clear();
  idleMinutes = undefined;
  revealed = [];
  library = newLibrary();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  await library.shutdown();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function newLibrary(
  find: (path: string) => Promise<FoundBundle> = (path) => Promise.resolve(bundleAt(path)),
): ModelLibrary {
  const emit: Emit = (name, payload) => {
    if (name === 'models.state') states.push(payload as ModelState);
    if (name === 'models.changed') announced.push(payload as readonly ModelEntry[]);
  };
  const files = {
    stateOf: () => Promise.resolve(intact),
    require: () => (filesFail ? Promise.reject(filesFail) : Promise.resolve()),
  };
  const quarantine = new Quarantine({
    table: store.crashes,
    sizeOf: () => Promise.resolve(5),
    hashOf: (path) => Promise.resolve(copyOf.get(path) ?? path),
  });
  const catalogue = new Catalogue({
    table: store.models,
    facts: store.modelFacts,
    benchmarks: store.benchmarks,
    find,
    check: ({ program }) => Promise.resolve(bundleAt(program)),
    summaryOf: () => Promise.resolve(summary),
    files,
    quarantine,
    ownFolder: at('own'),
    reveal: (path) => void revealed.push(path),
    emit,
  });
  const current = new CurrentModel({
    catalogue,
    files,
    quarantine,
    fork: () => {
      const forked = new ScriptedEngine();
      engines.push(forked);
      return forked;
    },
    clock,
    engine: () => ({ threads: 3, npu: { profile: 'detailed', performance: 'burst' } }),
    templateOf: () => ({ kind: 'automatic' }),
    idleMinutes: () => idleMinutes,
    emit,
  });
  const hashing = { start: () => undefined, end: () => Promise.resolve() };
  return new ModelLibrary({ catalogue, current, hashing, defaultModel: at('bundled.pte') });
}

test('a first run loads the bundled model, and says how far it is', async () => {
  await library.restore();
  await settled();
  engine().say({ type: 'ready' });
  await settled();
  expect(engine().asked('load')).toMatchObject({
    bundle: { program: at('bundled.pte') },
    threads: 3,
    npu: { performance: 'burst' },
  });
  engine().say({ type: 'loading', id: '', progress: { stage: 'verify', bytesDone: 1, bytesTotal: 2 } });
  expect(library.current.state).toEqual({
    status: 'loading',
    modelId: 'bundled',
    name: 'Model bundled.pte',
    stage: 'verify',
    fraction: 0.375,
    bytesDone: 1,
    bytesTotal: 2,
  });
  await engine().load();
  expect(library.current.state).toMatchObject({
    status: 'ready',
    name: 'Tiny',
    backend: 'CPU (XNNPACK)',
    contextLength: 64,
  });
  expect(states.map(({ status }) => status)).toEqual(['starting', 'loading', 'loading', 'ready']);
});

test('the model used last is restored', async () => {
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  await settled();
  await engine().load();
  await library.shutdown();
  library = newLibrary();
  await library.restore();
  expect(library.current.state).toMatchObject({ status: 'loading', modelId });
});

test('a model that loads while the disk is full is ready, and the app goes on', async () => {
  await library.add(bundleAt(at('a.pte')));
  await settled();
  vi.spyOn(store.models, 'markUsed').mockImplementation(() => {
    throw new Error('database or disk is full');
  });
  await engine().load();
  expect(library.current.state.status).toBe('ready');
  await library.current.quiet();
});

test('what a person opens while the last model is restored is not replaced by it', async () => {
  const restored = library.restore();
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  await restored;
  await settled();
  await engine().load();
  expect(library.current.state).toMatchObject({ status: 'ready', modelId });
});

test('what is sent before the app has begun with its model waits for it', async () => {
  const due = Promise.withResolvers<undefined>();
  const restored = library.restore(due.promise);
  expect(library.current.state).toEqual({ status: 'starting' });
  expect(() => library.current.require()).not.toThrow();
  const waiting = library.current.ready();
  await settled();
  expect(engines).toEqual([]);
  due.resolve(undefined);
  await restored;
  await settled();
  await engine().load();
  expect(await waiting).toMatchObject({ modelId: 'bundled' });
});

test.each(['there is none', 'the app quits'])('a message sent before fails when %s', async (why) => {
  if (why === 'there is none') library = newLibrary(() => Promise.reject(new Error('nothing there')));
  const due = Promise.withResolvers<undefined>();
  const restored = library.restore(due.promise);
  const waiting = expect(library.current.ready()).rejects.toMatchObject({ error: { code: 'model-not-loaded' } });
  if (why === 'the app quits') await library.shutdown();
  due.resolve(undefined);
  await restored;
  await waiting;
  expect(library.current.state).toEqual({ status: 'none' });
  expect(engines).toEqual([]);
});

test('each load has a process of its own, and the one before has ended first', async () => {
  await library.add(bundleAt(at('a.pte')));
  await settled();
  await engine().load();
  const [first] = engines;
  await library.add(bundleAt(at('b.pte')));
  await settled();
  expect(first!.asked('shutdown')).toBeDefined();
  expect(first!.pid).toBeUndefined();
  expect(engines).toHaveLength(2);
  await engine().load(loadedModel('Second'));
  expect(library.current.state).toMatchObject({ status: 'ready', name: 'Second' });
});

test('a model chosen while another loads wins, and who waited gets it', async () => {
  await library.add(bundleAt(at('a.pte')));
  const waiting = library.current.ready();
  await settled();
  const { modelId } = await library.add(bundleAt(at('b.pte')));
  await settled();
  await engine().load(loadedModel('Second'));
  expect((await waiting).loaded.name).toBe('Second');
  expect(library.current.state).toMatchObject({ status: 'ready', modelId });
  expect(states.some(({ status }) => status === 'failed')).toBe(false);
});

test('opening the same program again is the same model', async () => {
  const first = await library.add(bundleAt(at('a.pte')));
  const second = await library.add(bundleAt(at('a.pte')));
  expect(second).toEqual(first);
  expect(announced.at(-1)).toHaveLength(1);
});

test('a load that the engine refuses says why, and waiting for it fails with the same', async () => {
  await library.add(bundleAt(at('a.pte')));
  const waiting = library.current.ready();
  await settled();
  engine().say({ type: 'ready' });
  await settled();
  const error = { code: 'model-invalid', message: 'It is damaged.' } as const;
  engine().say({ type: 'failed', id: engine().asked('load')!.id, error });
  await expect(waiting).rejects.toMatchObject({ error });
  expect(library.current.state).toMatchObject({ status: 'failed', error });
  await settled();
  expect(engine().pid).toBeUndefined();
  expect(() => library.current.require()).toThrow('It is damaged.');
});

test('an engine that dies while loading is a failed load, and is not started again by itself', async () => {
  await library.add(bundleAt(at('a.pte')));
  await settled();
  engine().exit(11);
  await settled();
  expect(library.current.state).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
  expect(engines).toHaveLength(1);
});

test('an engine that dies is replaced, until it has died three times', async () => {
  await library.add(bundleAt(at('a.pte')));
  for (const crash of [1, 2, 3]) {
    await settled();
    await engine().load();
    expect(library.current.state.status).toBe('ready');
    engine().exit(11);
    await settled();
    expect(engines).toHaveLength(Math.min(3, crash + 1));
  }
  expect(library.current.state).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
  const [model] = await library.catalogue.list();
  library.load(model!.id);
  await settled();
  await engine().load();
  expect(library.current.state.status).toBe('ready');
});

test.each([
  ['the clock was set back in between', -3_600_000],
  ['the deaths are further apart than five minutes', 300_000],
])('an engine that dies is replaced every time where %s', async (_where, between) => {
  await library.add(bundleAt(at('a.pte')));
  for (let crash = 1; crash <= 5; crash++) {
    await settled();
    await engine().load();
    engine().exit(11);
    clock.sleep(between);
    await settled();
    expect(engines).toHaveLength(crash + 1);
  }
});

test('an answer is no hang while the machine sleeps, and is one where nothing comes afterwards', async () => {
  await library.add(bundleAt(at('a.pte')));
  await settled();
  await engine().load();
  const { host } = await library.current.ready();
  host.generate('answer', { prompt: { kind: 'text', text: 'Hi' }, sampling: {} as never }, () => undefined);
  engine().tokens('word');
  clock.pass(10_000);
  library.current.suspend();
  clock.pass(30_000);
  library.current.resume();
  clock.pass(10_000);
  expect(engines).toHaveLength(1);
  expect(engine().pid).toBeDefined();
  clock.pass(1000);
  await settled();
  expect(engines).toHaveLength(2);
});

test('without a model there is nothing to wait for', async () => {
  expect(() => library.current.require()).toThrow(AppFailure);
  await expect(library.current.ready()).rejects.toMatchObject({ error: { code: 'model-not-loaded' } });
});

test('unloading ends the process; shutting down does too, even while loading', async () => {
  await library.add(bundleAt(at('a.pte')));
  await settled();
  await engine().load();
  await library.current.unload();
  expect(engine().pid).toBeUndefined();
  expect(library.current.state).toEqual({ status: 'none' });
  await library.add(bundleAt(at('b.pte')));
  await settled();
  await library.shutdown();
  expect(engine().pid).toBeUndefined();
});

test('removing forgets the model and leaves its files; the bundled one stays', async () => {
  await library.restore();
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  await library.remove(modelId);
  expect((await library.catalogue.list()).map(({ id }) => id)).toEqual(['bundled']);
  expect(library.current.state).toEqual({ status: 'none' });
  expect(() => rmSync(at('a.pte'))).not.toThrow();
  await expect(library.remove('bundled')).rejects.toMatchObject({ error: { code: 'option-invalid' } });
});

test('a model whose files have moved or changed is not loaded, unless the person insists', async () => {
  filesFail = new AppFailure('model-changed', 'It is not what it was.');
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  await settled();
  expect(library.current.state).toMatchObject({ status: 'failed', error: { code: 'model-changed' } });
  expect(engines).toHaveLength(0);
  library.load(modelId, true);
  await settled();
  await engine().load();
  expect(library.current.state).toMatchObject({ status: 'ready', modelId });
  expect(() => library.load('unheard-of')).toThrow('no longer in the library');
});

describe('a program that ends the engine', () => {
  const generate = async (): Promise<void> => {
    const { host } = await library.current.ready();
    host.generate(
      'answer',
      {
        prompt: { kind: 'text', text: 'x' },
        sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
      },
      () => undefined,
    );
  };
  const crashWhileLoading = async (): Promise<void> => {
    await settled();
    engine().exit(11);
    await settled();
  };
  const quarantined = { status: 'failed', error: { code: 'model-quarantined' } } as const;

  test('twice while loading is in quarantine, at the next start too, and a copy of it as well', async () => {
    const { modelId } = await library.add(bundleAt(at('a.pte')));
    await crashWhileLoading();
    expect(library.current.state).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
    library.load(modelId);
    await crashWhileLoading();
    expect(library.current.state).toMatchObject(quarantined);
    expect(engines).toHaveLength(2);
    store.models.markUsed(modelId, 1);
    library = newLibrary();
    await library.restore();
    await settled();
    expect(library.current.state).toMatchObject(quarantined);
    copyOf.set(at('b.pte'), at('a.pte'));
    await library.add(bundleAt(at('b.pte')));
    await settled();
    expect(library.current.state).toMatchObject(quarantined);
    expect(engines).toHaveLength(2);
  });

  test('twice in its first answer is not loaded a third time; an answer clears it', async () => {
    const { modelId } = await library.add(bundleAt(at('a.pte')));
    for (let crash = 1; crash <= 2; crash++) {
      await settled();
      await engine().load();
      await generate();
      engine().exit(11);
      await settled();
    }
    expect(library.current.state).toMatchObject(quarantined);
    expect(engines).toHaveLength(2);
    library.load(modelId, true);
    await settled();
    await engine().load();
    await generate();
    engine().done('Here I am.');
    await settled();
    library.load(modelId);
    await settled();
    await engine().load();
    expect(library.current.state.status).toBe('ready');
  });

  test('insisting counts for one time only', async () => {
    const { modelId } = await library.add(bundleAt(at('a.pte')));
    await crashWhileLoading();
    for (const anyway of [false, true]) {
      library.load(modelId, anyway);
      await crashWhileLoading();
    }
    expect(engines).toHaveLength(3);
    library.load(modelId);
    await settled();
    expect(engines).toHaveLength(3);
    expect(library.current.state).toMatchObject(quarantined);
  });

  test('after an answer, by request or by refusal, does not lead to quarantine', async () => {
    const { modelId } = await library.add(bundleAt(at('a.pte')));
    for (let turn = 1; turn <= 3; turn++) {
      await settled();
      await engine().load();
      await generate();
      engine().done('Fine.');
      await settled();
      await generate();
      library.load(modelId);
    }
    for (let turn = 1; turn <= 3; turn++) {
      await settled();
      engine().say({ type: 'ready' });
      await settled();
      const error = { code: 'out-of-memory', message: 'Too large.' } as const;
      engine().say({ type: 'failed', id: engine().asked('load')!.id, error });
      await settled();
      expect(library.current.state).toMatchObject({ status: 'failed', error });
      library.load(modelId);
    }
    await settled();
    await engine().load();
    expect(library.current.state.status).toBe('ready');
  });
});

test('the list tells what the program says, and after a load what the model told, also the next time', async () => {
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  expect(await library.catalogue.list()).toMatchObject([{ id: modelId, backend: 'CPU (XNNPACK)', contextLength: 128 }]);
  expect((await library.catalogue.list())[0]).not.toHaveProperty('usedAt');
  await settled();
  await engine().load();
  await vi.waitFor(() => expect(announced.at(-1)).toMatchObject([{ contextLength: 64 }]), { timeout: 60_000 });
  await library.shutdown();
  library = newLibrary();
  expect(await library.catalogue.list()).toMatchObject([{ contextLength: 64, usedAt: expect.any(Number) as number }]);
  writeFileSync(at('a.pte'), 'another model');
  expect(await library.catalogue.list()).toMatchObject([{ contextLength: 128 }]);
});

describe('memory', () => {
  beforeEach(() => vi.stubEnv('WYVERN_MEMORY', '4999999'));

  test('a model that seems not to fit is not loaded unasked: both numbers are said', async () => {
    await library.add(bundleAt(at('a.pte')));
    await settled();
    expect(engines).toHaveLength(0);
    expect(library.current.state).toMatchObject({
      status: 'failed',
      error: { code: 'memory-short', message: expect.stringMatching(/about 5 MB.* has 5 MB free/) as string },
    });
  });

  test('a person may load it anyway, and is not asked again when its engine has died', async () => {
    const { modelId } = await library.add(bundleAt(at('a.pte')));
    await settled();
    library.load(modelId, true);
    await settled();
    await engine().load();
    expect(library.current.state.status).toBe('ready');
    engine().exit(11);
    await settled();
    await engine().load();
    expect(library.current.state.status).toBe('ready');
  });
});

describe('a model that nobody uses', () => {
  const minute = 60_000;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    idleMinutes = 5;
    await library.add(bundleAt(at('a.pte')));
    await settled();
    await engine().load();
  });
  const ask = async (): Promise<void> => {
    const { host } = await library.current.ready();
    host.generate('answer', { prompt: { kind: 'text', text: 'Hi' }, sampling: {} as never }, () => undefined);
  };

  test('is unloaded after the time that was chosen, and says so', async () => {
    vi.advanceTimersByTime(5 * minute - 1);
    expect(library.current.state.status).toBe('ready');
    vi.advanceTimersByTime(1);
    await settled();
    expect(library.current.state).toMatchObject({ status: 'none', idle: { name: 'Model a.pte', minutes: 5 } });
    expect(engine().pid).toBeUndefined();
  });

  test('is loaded again by the next message', async () => {
    vi.advanceTimersByTime(5 * minute);
    await settled();
    library.current.require();
    expect(library.current.state).toMatchObject({ status: 'loading', name: 'Model a.pte' });
    await settled();
    await engine().load();
    expect(library.current.state.status).toBe('ready');
  });

  test('is not loaded again by what only looks, nor once it was unloaded by hand', async () => {
    vi.advanceTimersByTime(5 * minute);
    await settled();
    await expect(library.current.ready()).rejects.toMatchObject({ error: { code: 'model-not-loaded' } });
    await library.current.unload();
    expect(() => library.current.require()).toThrow('No model is loaded.');
  });

  test('stays while it answers, however long that takes, and its time begins when the answer has ended', async () => {
    await ask();
    for (let passed = 0; passed < 60; passed++) {
      // An answer that goes on is no hang.
      engine().tokens('word');
      vi.advanceTimersByTime(5000);
    }
    expect(library.current.state.status).toBe('ready');
    engine().done('word');
    vi.advanceTimersByTime(5 * minute - 1);
    expect(library.current.state.status).toBe('ready');
    vi.advanceTimersByTime(1);
    expect(library.current.state.status).toBe('none');
  });

  test('is kept when the person chooses never, also for the wait that had begun', () => {
    idleMinutes = undefined;
    library.current.restartIdle();
    vi.advanceTimersByTime(600 * minute);
    expect(library.current.state.status).toBe('ready');
  });
});

describe('files', () => {
  const place = (name: string): string => {
    mkdirSync(join(at('own'), name), { recursive: true });
    const program = join(at('own'), name, 'model.pte');
    writeFileSync(program, 'model');
    return program;
  };

  test('go with the model only where they are the library’s own', async () => {
    const own = place('mine');
    const { modelId } = await library.add(bundleAt(own));
    const { modelId: other } = await library.add(bundleAt(at('a.pte')));
    expect(await library.catalogue.list()).toMatchObject([{ owned: true }, { owned: false }]);
    await expect(library.remove(other, true)).rejects.toMatchObject({ error: { code: 'option-invalid' } });
    expect(existsSync(at('a.pte'))).toBe(true);
    await library.remove(modelId, true);
    expect(existsSync(join(at('own'), 'mine'))).toBe(false);
    expect((await library.catalogue.list()).map(({ id }) => id)).toEqual([other]);
  });

  test('that a link in the library’s folder leads to are another’s', async () => {
    mkdirSync(at('elsewhere'));
    writeFileSync(join(at('elsewhere'), 'model.pte'), 'model');
    mkdirSync(at('own'));
    symlinkSync(at('elsewhere'), join(at('own'), 'link'));
    const { modelId } = await library.add(bundleAt(join(at('own'), 'link', 'model.pte')));
    expect(await library.catalogue.list()).toMatchObject([{ owned: false }]);
    await expect(library.remove(modelId, true)).rejects.toMatchObject({ error: { code: 'option-invalid' } });
    expect(existsSync(join(at('elsewhere'), 'model.pte'))).toBe(true);
  });

  test('that two models share go with neither', async () => {
    place('shared');
    writeFileSync(join(at('own'), 'shared', 'other.pte'), 'model');
    await library.add(bundleAt(join(at('own'), 'shared', 'model.pte')));
    await library.add(bundleAt(join(at('own'), 'shared', 'other.pte')));
    expect(await library.catalogue.list()).toMatchObject([{ owned: false }, { owned: false }]);
  });

  test('are shown where they lie, and said to be gone where they are', async () => {
    const { modelId } = await library.add(bundleAt(at('a.pte')));
    await library.catalogue.reveal(modelId);
    expect(revealed).toEqual([at('a.pte')]);
    rmSync(at('a.pte'));
    await expect(library.catalogue.reveal(modelId)).rejects.toMatchObject({ error: { code: 'files-not-found' } });
  });
});
