/** The files of models over time: hashed once, moved, changed, touched, found again. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HashProgress, ModelFileState } from '../../preload/contract.ts';
import { toAppError } from '../app-error.ts';
import { BackgroundHashing } from './hashing.ts';
import { ModelFiles, pathsOf, storedFiles } from './model-files.ts';
import { hashFile } from '../models/hash.ts';
import type { StoredModel } from '../store/models.ts';
import { openStore, type Store } from '../store/store.ts';

let folder: string;
let store: Store;
let hashed: string[];
let progress: HashProgress[];
let quiet: Promise<void>;
const changed = vi.fn(() => Promise.resolve());

const program = 'program '.repeat(100_000);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const at = (...names: readonly string[]): string => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern files ü-'));
  mkdirSync(at('here'));
  writeFileSync(at('here', 'model.pte'), program);
  writeFileSync(at('here', 'tokenizer.json'), '{}');
  const promised = { 'model.pte': sha256(program), 'tokenizer.json': sha256('{}') };
  writeFileSync(at('here', 'wyvern.json'), JSON.stringify({ name: 'M', sha256: promised }));
  store = openStore(at('store.sqlite'));
  hashed = [];
  progress = [];
  quiet = Promise.resolve();
  changed.mockClear();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const modelFiles = (): ModelFiles =>
  new ModelFiles({
    hashes: store.fileHashes,
    hash: async (path, options) => {
      hashed.push(path);
      return await hashFile(path, options);
    },
  });
const hashing = (): BackgroundHashing =>
  new BackgroundHashing({
    table: store.models,
    files: modelFiles(),
    quiet: () => quiet,
    onProgress: (one) => progress.push(one),
    onChange: changed,
  });

async function add(place = 'here'): Promise<void> {
  const paths = {
    program: at(place, 'model.pte'),
    data: [],
    tokenizer: at(place, 'tokenizer.json'),
    manifest: at(place, 'wyvern.json'),
  };
  const files = await storedFiles(paths);
  expect(pathsOf(files)).toEqual(paths);
  store.models.put({ id: 'm', name: 'M', program: paths.program, bytes: 1, files }, 1);
}
const model = (): StoredModel => store.models.get('m')!;
const state = async (): Promise<ModelFileState> => await modelFiles().stateOf(model());
async function hashAll(): Promise<void> {
  const files = hashing();
  files.start();
  await vi.waitFor(() => expect(changed).toHaveBeenCalled(), { timeout: 60_000 });
  await files.end();
  changed.mockClear();
}
const touch = (name: string): void => utimesSync(at('here', name), 1000, 1000);

test('files are hashed in the background, with progress, once, and compared with the manifest', async () => {
  await add();
  expect(await state()).toEqual({ moved: [], changed: [], mismatched: [], verified: 0 });
  await hashAll();
  expect(await state()).toEqual({ moved: [], changed: [], mismatched: [], verified: 2, sha256: sha256(program) });
  expect(hashed).toHaveLength(3);
  const bytesTotal = model().files.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(progress.at(-1)).toEqual({ modelId: 'm', bytesDone: bytesTotal, bytesTotal });
  expect(progress.map(({ bytesDone }) => bytesDone)).toEqual(
    progress.map(({ bytesDone }) => bytesDone).toSorted((one, other) => one - other),
  );
  // Another model with the same files, and another run of the app, read nothing again.
  await add();
  await hashAll();
  expect(await modelFiles().hashOf(at('here', 'model.pte'))).toBe(sha256(program));
  expect(hashed).toHaveLength(3);
});

test('a file that is not what the manifest promises is named', async () => {
  writeFileSync(at('here', 'tokenizer.json'), '{"other":1}');
  await add();
  await hashAll();
  expect(await state()).toMatchObject({ mismatched: ['tokenizer.json'], verified: 1 });
});

test('nothing is read while a model is being loaded, or after the end', async () => {
  const loading = Promise.withResolvers<undefined>();
  quiet = loading.promise.then(() => undefined);
  await add();
  const files = hashing();
  files.start();
  await new Promise((resolve) => setImmediate(resolve));
  expect(hashed).toEqual([]);
  const ended = files.end();
  loading.resolve(undefined);
  await ended;
  expect(store.fileHashes.get(model().files[0]!)).toBeUndefined();
  expect(changed).not.toHaveBeenCalled();
});

test('the same file with another date is read once more and is the same; another file is not', async () => {
  await add();
  await hashAll();
  touch('model.pte');
  await modelFiles().require(model());
  expect(hashed).toHaveLength(4);
  expect(await state()).toMatchObject({ changed: [], sha256: sha256(program) });
  expect(hashed).toHaveLength(4);
  writeFileSync(at('here', 'model.pte'), program.replaceAll('p', 'q'));
  expect(await modelFiles().require(model()).catch(toAppError)).toMatchObject({
    code: 'model-changed',
    message: expect.stringContaining('“model.pte” is not what it was') as string,
  });
  expect(await state()).toMatchObject({ changed: ['model.pte'] });
});

test('a file of another size has changed, whatever its date; one whose hash is unknown has if its date did', async () => {
  await add();
  const { mtimeMs } = statSync(at('here', 'model.pte'));
  writeFileSync(at('here', 'model.pte'), 'short');
  utimesSync(at('here', 'model.pte'), mtimeMs / 1000, mtimeMs / 1000);
  touch('tokenizer.json');
  expect(await state()).toMatchObject({ changed: ['model.pte', 'tokenizer.json'] });
  expect(hashed).toEqual([]);
});

test('moved files are said by name, and found again by name and hash only', async () => {
  await add();
  await hashAll();
  renameSync(at('here'), at('there'));
  expect(await state()).toMatchObject({ moved: ['model.pte', 'tokenizer.json', 'wyvern.json'] });
  expect(await modelFiles().require(model()).catch(toAppError)).toMatchObject({
    code: 'model-moved',
    message: expect.stringContaining('“model.pte”, “tokenizer.json”, “wyvern.json”') as string,
  });
  cpSync(at('there'), at('fake'), { recursive: true });
  writeFileSync(at('fake', 'model.pte'), program.replace('p', 'q'));
  const all = (place: string): readonly string[] =>
    ['model.pte', 'tokenizer.json', 'wyvern.json'].map((name) => at(place, name));
  expect(await modelFiles().locate(model(), all('fake')).catch(toAppError)).toMatchObject({
    code: 'files-differ',
    message: 'The “model.pte” there is another file than the one this model had.',
  });
  expect(await modelFiles().locate(model(), all('there').slice(0, 2)).catch(toAppError)).toMatchObject({
    code: 'files-differ',
    message: 'There is no “wyvern.json” there.',
  });
  // One right file among wrong ones.
  const located = await modelFiles().locate(model(), [...all('fake'), ...all('there')]);
  expect(located.map(({ path }) => path)).toEqual([
    at('there', 'model.pte'),
    at('fake', 'tokenizer.json'),
    at('fake', 'wyvern.json'),
  ]);
  expect(located[0]).toMatchObject({ sha256: sha256(program) });
});

/** A place that can go away: a drive letter on Windows, elsewhere a link in its stead. */
function drive(target: string): { readonly root: string; readonly remove: () => void } {
  if (process.platform === 'win32') {
    execFileSync('subst', ['W:', target]);
    return { root: 'W:\\', remove: () => void execFileSync('subst', ['W:', '/d']) };
  }
  symlinkSync(target, at('drive'));
  return { root: at('drive'), remove: () => rmSync(at('drive')) };
}

test('the files on a drive that goes are moved, and found again when it is back', async () => {
  let usb = drive(folder);
  try {
    const place = (name: string): string => join(usb.root, 'here', name);
    const paths = { program: place('model.pte'), data: [], tokenizer: place('tokenizer.json') };
    store.models.put({ id: 'm', name: 'M', program: paths.program, bytes: 1, files: await storedFiles(paths) }, 1);
    await hashAll();
    expect(await state()).toMatchObject({ moved: [], verified: 0 });
    usb.remove();
    expect(await state()).toMatchObject({ moved: ['model.pte', 'tokenizer.json'] });
    expect(await modelFiles().require(model()).catch(toAppError)).toMatchObject({ code: 'model-moved' });
    usb = drive(folder);
    expect(await state()).toMatchObject({ moved: [] });
    expect(await modelFiles().require(model()).catch(toAppError)).not.toMatchObject({ code: 'model-moved' });
  } finally {
    usb.remove();
  }
});

test('what is still in its place is not looked for', async () => {
  await add();
  await hashAll();
  mkdirSync(at('there'));
  renameSync(at('here', 'model.pte'), at('there', 'model.pte'));
  const located = await modelFiles().locate(model(), [at('there', 'model.pte')]);
  expect(located.map(({ path }) => path)).toEqual([
    at('there', 'model.pte'),
    at('here', 'tokenizer.json'),
    at('here', 'wyvern.json'),
  ]);
});

test('a record of files that cannot be read is as if there were none', async () => {
  await add();
  store.models.put({ ...model(), files: [{ part: 'program', path: '', bytes: 1, modifiedAt: 1 }] }, 1);
  expect(model().files).toEqual([]);
  expect(pathsOf(model().files)).toBeUndefined();
});
