import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ModelEntry, ModelFileState, ModelState } from '../preload/contract.ts';
import { AppFailure } from './failure.ts';
import { ModelLibrary } from './model-library.ts';
import type { FoundBundle } from './model-library.ts';
import { Quarantine } from './quarantine.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/store.ts';
import { loadedModel, ScriptedEngine, settled } from './testing/scripted-engine.ts';

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

const bundleAt = (path: string): FoundBundle => ({
  paths: { program: path, data: [], tokenizer: `${path}.model` },
  files: [{ part: 'program', path, bytes: 5, modifiedAt: 1 }],
  name: `Model ${path.slice(folder.length + 1)}`,
  bytes: 5,
  sampling: {},
});
const at = (name: string): string => join(folder, name);
const engine = (): ScriptedEngine => engines.at(-1)!;

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  folder = mkdtempSync(join(tmpdir(), 'wyvern-library-'));
  for (const name of ['bundled.pte', 'a.pte', 'b.pte']) writeFileSync(at(name), 'model');
  store = openStore(at('store.sqlite'));
  engines = [];
  states = [];
  announced = [];
  filesFail = undefined;
  copyOf.clear();
  library = newLibrary();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function newLibrary(): ModelLibrary {
  return new ModelLibrary({
    table: store.models,
    targetOf: (path) => Promise.resolve(path.includes('npu') ? 'Snapdragon X Elite or X Plus (V73)' : undefined),
    find: (path) => Promise.resolve(bundleAt(path)),
    check: ({ program }) => Promise.resolve(bundleAt(program)),
    files: {
      stateOf: () => Promise.resolve(intact),
      require: () => (filesFail ? Promise.reject(filesFail) : Promise.resolve()),
      start: () => undefined,
      end: () => Promise.resolve(),
    },
    quarantine: new Quarantine({
      table: store.crashes,
      sizeOf: () => Promise.resolve(5),
      hashOf: (path) => Promise.resolve(copyOf.get(path) ?? path),
    }),
    fork: () => {
      const forked = new ScriptedEngine();
      engines.push(forked);
      return forked;
    },
    emit: (name, payload) => {
      if (name === 'models.state') states.push(payload as ModelState);
      if (name === 'models.changed') announced.push(payload as readonly ModelEntry[]);
    },
    ownFolder: at('own'),
    defaultModel: at('bundled.pte'),
    templateOf: () => ({ kind: 'automatic' }),
    engine: () => ({ threads: 3, npu: { profile: 'detailed', performance: 'burst' } }),
  });
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
  expect(library.state).toEqual({
    status: 'loading',
    modelId: 'bundled',
    name: 'Model bundled.pte',
    stage: 'verify',
    fraction: 0.375,
  });
  await engine().load();
  expect(library.state).toMatchObject({ status: 'ready', name: 'Tiny', backend: 'CPU (XNNPACK)', contextLength: 64 });
  expect(states.map(({ status }) => status)).toEqual(['loading', 'loading', 'ready']);
});

test('the model used last is restored', async () => {
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  await settled();
  await engine().load();
  await library.shutdown();
  library = newLibrary();
  await library.restore();
  expect(library.state).toMatchObject({ status: 'loading', modelId });
});

test('what a person opens while the last model is restored is not replaced by it', async () => {
  const restored = library.restore();
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  await restored;
  await settled();
  await engine().load();
  expect(library.state).toMatchObject({ status: 'ready', modelId });
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
  expect(library.state).toMatchObject({ status: 'ready', name: 'Second' });
});

test('a model chosen while another loads wins, and who waited gets it', async () => {
  await library.add(bundleAt(at('a.pte')));
  const waiting = library.ready();
  await settled();
  const { modelId } = await library.add(bundleAt(at('b.pte')));
  await settled();
  await engine().load(loadedModel('Second'));
  expect((await waiting).loaded.name).toBe('Second');
  expect(library.state).toMatchObject({ status: 'ready', modelId });
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
  const waiting = library.ready();
  await settled();
  engine().say({ type: 'ready' });
  await settled();
  const error = { code: 'model-invalid', message: 'It is damaged.' } as const;
  engine().say({ type: 'failed', id: engine().asked('load')!.id, error });
  await expect(waiting).rejects.toMatchObject({ error });
  expect(library.state).toMatchObject({ status: 'failed', error });
  await settled();
  expect(engine().pid).toBeUndefined();
  expect(() => library.requireModel()).toThrow('It is damaged.');
});

test('an engine that dies while loading is a failed load, and is not started again by itself', async () => {
  await library.add(bundleAt(at('a.pte')));
  await settled();
  engine().exit(11);
  await settled();
  expect(library.state).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
  expect(engines).toHaveLength(1);
});

test('an engine that dies is replaced, until it has died three times', async () => {
  await library.add(bundleAt(at('a.pte')));
  for (const crash of [1, 2, 3]) {
    await settled();
    await engine().load();
    expect(library.state.status).toBe('ready');
    engine().exit(11);
    await settled();
    expect(engines).toHaveLength(Math.min(3, crash + 1));
  }
  expect(library.state).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
  const [model] = await library.list();
  library.load(model!.id);
  await settled();
  await engine().load();
  expect(library.state.status).toBe('ready');
});

test('without a model there is nothing to wait for', async () => {
  expect(() => library.requireModel()).toThrow(AppFailure);
  await expect(library.ready()).rejects.toMatchObject({ error: { code: 'model-not-loaded' } });
});

test('unloading ends the process; shutting down does too, even while loading', async () => {
  await library.add(bundleAt(at('a.pte')));
  await settled();
  await engine().load();
  await library.unload();
  expect(engine().pid).toBeUndefined();
  expect(library.state).toEqual({ status: 'none' });
  await library.add(bundleAt(at('b.pte')));
  await settled();
  await library.shutdown();
  expect(engine().pid).toBeUndefined();
});

test('removing forgets the model and leaves its files; the bundled one stays', async () => {
  await library.restore();
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  await library.remove(modelId);
  expect((await library.list()).map(({ id }) => id)).toEqual(['bundled']);
  expect(library.state).toEqual({ status: 'none' });
  expect(() => rmSync(at('a.pte'))).not.toThrow();
  await expect(library.remove('bundled')).rejects.toMatchObject({ error: { code: 'option-invalid' } });
});

test('a model whose files have moved or changed is not loaded, unless the person insists', async () => {
  filesFail = new AppFailure('model-changed', 'It is not what it was.');
  const { modelId } = await library.add(bundleAt(at('a.pte')));
  await settled();
  expect(library.state).toMatchObject({ status: 'failed', error: { code: 'model-changed' } });
  expect(engines).toHaveLength(0);
  library.load(modelId, true);
  await settled();
  await engine().load();
  expect(library.state).toMatchObject({ status: 'ready', modelId });
  expect(() => library.load('unheard-of')).toThrow('no longer in the library');
});

describe('a program that ends the engine', () => {
  const generate = async (): Promise<void> => {
    const { host } = await library.ready();
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
    expect(library.state).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
    library.load(modelId);
    await crashWhileLoading();
    expect(library.state).toMatchObject(quarantined);
    expect(engines).toHaveLength(2);
    store.models.markUsed(modelId, 1);
    library = newLibrary();
    await library.restore();
    await settled();
    expect(library.state).toMatchObject(quarantined);
    copyOf.set(at('b.pte'), at('a.pte'));
    await library.add(bundleAt(at('b.pte')));
    await settled();
    expect(library.state).toMatchObject(quarantined);
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
    expect(library.state).toMatchObject(quarantined);
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
    expect(library.state.status).toBe('ready');
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
    expect(library.state).toMatchObject(quarantined);
  });

  test('after it has answered, or because it was told to, or by refusing, is no case for quarantine', async () => {
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
      expect(library.state).toMatchObject({ status: 'failed', error });
      library.load(modelId);
    }
    await settled();
    await engine().load();
    expect(library.state.status).toBe('ready');
  });
});
