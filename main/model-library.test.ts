import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ModelEntry, ModelState } from '../preload/contract.ts';
import { AppFailure } from './failure.ts';
import { ModelLibrary } from './model-library.ts';
import type { FoundBundle } from './model-library.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/store.ts';
import { loadedModel, ScriptedEngine, settled } from './testing/scripted-engine.ts';

let folder: string;
let store: Store;
let engines: ScriptedEngine[];
let states: ModelState[];
let announced: (readonly ModelEntry[])[];
let library: ModelLibrary;

const bundleAt = (path: string): FoundBundle => ({
  paths: { program: path, data: [], tokenizer: `${path}.model` },
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
    find: ([path = '']) =>
      path.endsWith('.pte')
        ? Promise.resolve(bundleAt(path))
        : Promise.reject(new AppFailure('model-not-recognised', `${path} is no model.`)),
    fork: () => {
      const forked = new ScriptedEngine();
      engines.push(forked);
      return forked;
    },
    emit: (name, payload) => {
      if (name === 'models.state') states.push(payload as ModelState);
      if (name === 'models.changed') announced.push(payload as readonly ModelEntry[]);
    },
    defaultModel: at('bundled.pte'),
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
  const { modelId } = await library.open([at('a.pte')]);
  await settled();
  await engine().load();
  await library.shutdown();
  library = newLibrary();
  await library.restore();
  expect(library.state).toMatchObject({ status: 'loading', modelId });
});

test('what a person opens while the last model is restored is not replaced by it', async () => {
  const restored = library.restore();
  const { modelId } = await library.open([at('a.pte')]);
  await restored;
  await settled();
  await engine().load();
  expect(library.state).toMatchObject({ status: 'ready', modelId });
});

test('rubbish leaves the loaded model loaded', async () => {
  await library.open([at('a.pte')]);
  await settled();
  await engine().load();
  await expect(library.open(['/tmp/notes.txt'])).rejects.toMatchObject({ error: { code: 'model-not-recognised' } });
  expect(library.state.status).toBe('ready');
  expect(engine().pid).toBeDefined();
});

test('each load has a process of its own, and the one before has ended first', async () => {
  await library.open([at('a.pte')]);
  await settled();
  await engine().load();
  const [first] = engines;
  await library.open([at('b.pte')]);
  await settled();
  expect(first!.asked('shutdown')).toBeDefined();
  expect(first!.pid).toBeUndefined();
  expect(engines).toHaveLength(2);
  await engine().load(loadedModel('Second'));
  expect(library.state).toMatchObject({ status: 'ready', name: 'Second' });
});

test('a model chosen while another loads wins, and who waited gets it', async () => {
  await library.open([at('a.pte')]);
  const waiting = library.ready();
  await settled();
  const { modelId } = await library.open([at('b.pte')]);
  await settled();
  await engine().load(loadedModel('Second'));
  expect((await waiting).loaded.name).toBe('Second');
  expect(library.state).toMatchObject({ status: 'ready', modelId });
  expect(states.some(({ status }) => status === 'failed')).toBe(false);
});

test('opening the same program again is the same model', async () => {
  const first = await library.open([at('a.pte')]);
  const second = await library.open([at('a.pte')]);
  expect(second).toEqual(first);
  expect(announced.at(-1)).toHaveLength(1);
});

test('a load that the engine refuses says why, and waiting for it fails with the same', async () => {
  await library.open([at('a.pte')]);
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
  await library.open([at('a.pte')]);
  await settled();
  engine().exit(11);
  await settled();
  expect(library.state).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
  expect(engines).toHaveLength(1);
});

test('an engine that dies is replaced, until it has died three times', async () => {
  await library.open([at('a.pte')]);
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
  await library.open([at('a.pte')]);
  await settled();
  await engine().load();
  await library.unload();
  expect(engine().pid).toBeUndefined();
  expect(library.state).toEqual({ status: 'none' });
  await library.open([at('b.pte')]);
  await settled();
  await library.shutdown();
  expect(engine().pid).toBeUndefined();
});

test('removing forgets the model and leaves its files; the bundled one stays', async () => {
  await library.restore();
  const { modelId } = await library.open([at('a.pte')]);
  await library.remove(modelId);
  expect((await library.list()).map(({ id }) => id)).toEqual(['bundled']);
  expect(library.state).toEqual({ status: 'none' });
  expect(() => rmSync(at('a.pte'))).not.toThrow();
  await expect(library.remove('bundled')).rejects.toMatchObject({ error: { code: 'option-invalid' } });
});

test('a model whose files have moved is marked, and loading it says so', async () => {
  const { modelId } = await library.open([at('a.pte')]);
  rmSync(at('a.pte'));
  expect(await library.list()).toMatchObject([{ id: modelId, available: false }]);
  expect(() => library.load('unheard-of')).toThrow('no longer in the library');
});
