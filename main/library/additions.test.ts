/** Adds models, with real files and a library that only records its calls. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AdditionState } from '../../preload/contract.ts';
import { checkBundle } from './bundle-finder.ts';
import { toAppError } from '../app-error.ts';
import { AppFailure } from '../failure.ts';
import { Additions, type WantedFile } from './additions.ts';
import type { FoundBundle } from './found-bundle.ts';
import type { StoredFile, StoredModel } from '../store/models.ts';
import { cpuProgram, lfsPointer, programFor, revision, tokenizer, write, writeCache } from '../testing/repositories.ts';
import { zip } from '../testing/zip.ts';

const tinyLlama = resolve(import.meta.dirname, '../../e2e/fixtures/tiny-llama');
let folder: string;
let library: string;
let added: FoundBundle[];
let moved: (readonly StoredFile[])[];
let states: (AdditionState | undefined)[];
let answer: readonly string[];
let wanted: WantedFile[];
let additions: Additions;
let kept: StoredModel | undefined;

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  folder = mkdtempSync(join(tmpdir(), 'wyvern drop ü '));
  library = join(folder, 'library');
  cpSync(tinyLlama, join(folder, 'model'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'notes.txt'), 'Buy milk');
  [added, moved, states, answer, wanted, kept] = [[], [], [], [], [], undefined];
  additions = new Additions({
    catalogue: {
      get: () => {
        if (kept) return kept;
        throw new AppFailure('model-not-found', 'It is gone.');
      },
      filesOf: (path) => (kept?.program === path ? kept.files : []),
    },
    models: {
      add: (found) => {
        added.push(found);
        return Promise.resolve({ modelId: 'm' });
      },
      move: (_id, files) => {
        moved.push(files);
        return Promise.resolve();
      },
    },
    check: checkBundle,
    files: {
      locate: (_model, paths) =>
        Promise.resolve(paths.map((path) => ({ part: 'program', path, bytes: 1, modifiedAt: 1 }))),
    },
    library,
    chooseFiles: (what) => {
      wanted.push(what);
      return Promise.resolve(answer);
    },
    emit: (name, payload) => {
      if (name === 'additions.changed') states.push(payload as AdditionState | undefined);
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: readonly string[]): string => join(folder, ...names);
const open = async (...names: readonly string[]): Promise<unknown> =>
  await additions.open(names.map((name) => at(name)));
const refused = async (...names: readonly string[]): Promise<unknown> => await open(...names).catch(toAppError);
function asking(): Extract<AdditionState, { status: 'asking' }> {
  const { state } = additions;
  if (state?.status !== 'asking') throw new Error(`Nothing is asked: ${JSON.stringify(state)}`);
  return state;
}
const program = (): string => at('model', 'model.pte');
const inLibrary = (): readonly string[] => (existsSync(library) ? readdirSync(library) : []);

describe('a whole model', () => {
  test.each([
    ['its folder', ['model']],
    ['the folder around it', ['.']],
    ['its program', ['model/model.pte']],
    ['its tokenizer', ['model/tokenizer.model']],
    ['all of it, the program last', ['model/tokenizer.model', 'model/wyvern.json', 'model/model.pte']],
    ['a text file beside its folder', ['notes.txt', 'model']],
  ])('is found by %s, and nothing is asked or copied', async (_what, names) => {
    expect(await open(...names)).toEqual({ modelId: 'm' });
    const [found] = added;
    expect(found).toMatchObject({
      paths: { program: program(), tokenizer: at('model', 'tokenizer.model') },
      name: 'Tiny wyvern (test model)',
      sampling: { temperature: 0 },
      bytes: statSync(program()).size + statSync(at('model', 'tokenizer.model')).size,
    });
    expect(states.every((state) => state === undefined)).toBe(true);
    expect(inLibrary()).toEqual([]);
  });

  test.each([
    ['a file that is none', ['notes.txt'], 'model-not-recognised'],
    ['an empty folder', ['empty'], 'model-not-recognised'],
    ['a file that has gone', ['gone.txt'], 'files-not-found'],
    ['a program that has gone', ['gone.pte'], 'files-not-found'],
    ['two archives', ['a.zip', 'b.zip'], 'archive-unsupported'],
    ['an archive that is none', ['model.zip'], 'archive-invalid'],
  ])('is not %s, which is refused with a sentence and a next step', async (_what, names, code) => {
    writeFileSync(at('model.zip'), 'no zip');
    expect(await refused(...names)).toMatchObject({
      code,
      message: expect.any(String) as string,
      hint: expect.any(String) as string,
    });
    expect(additions.state).toBeUndefined();
    expect(inLibrary()).toEqual([]);
  });
});

describe('a model in pieces', () => {
  beforeEach(() => {
    rmSync(at('model', 'wyvern.json'));
    mkdirSync(at('other'));
    cpSync(at('model', 'tokenizer.model'), at('other', 'my.model'));
  });

  test('a missing file is requested by name; a given file is remembered', async () => {
    rmSync(at('model', 'tokenizer.model'));
    expect(await open('model/model.pte')).toBeUndefined();
    const { id } = asking();
    expect(asking()).toMatchObject({
      missing: [{ part: 'tokenizer' }],
      found: [{ part: 'program', name: 'model.pte' }],
    });
    expect(await additions.finish(id, false)).toBeUndefined();
    await additions.locateMissing(id, 'tokenizer');
    expect(asking().missing).toHaveLength(1);
    answer = [at('other', 'my.model')];
    await additions.locateMissing(id, 'tokenizer');
    expect(wanted).toEqual(['tokenizer', 'tokenizer']);
    expect(asking()).toMatchObject({ missing: [] });
    expect(await additions.finish(id, false)).toEqual({ modelId: 'm' });
    expect(added[0]?.paths).toEqual({ program: program(), data: [], tokenizer: at('other', 'my.model') });
    expect(additions.state).toBeUndefined();
  });

  test('what is dropped meanwhile is taken for what is missing, another program for another model', async () => {
    rmSync(at('model', 'tokenizer.model'));
    await open('model/model.pte');
    const { id } = asking();
    expect(await open('other/my.model')).toBeUndefined();
    expect(asking()).toMatchObject({ id, missing: [] });
    cpSync(program(), at('other', 'another.pte'));
    expect(await open('other/another.pte')).toEqual({ modelId: 'm' });
    expect(added[0]?.paths.program).toBe(at('other', 'another.pte'));
  });

  test('what lies beside a given file counts where it says how the file is used, and nowhere else', async () => {
    rmSync(at('model', 'tokenizer.model'));
    for (const name of ['tokenizer_config.json', 'generation_config.json']) writeFileSync(at('other', name), '{}');
    cpSync(program(), at('other', 'another.pte'));
    cpSync(at('other', 'my.model'), at('other', 'another.model'));
    await open('model/model.pte');
    await open('other/my.model');
    await additions.finish(asking().id, false);
    expect(added[0]?.paths).toEqual({
      program: program(),
      data: [],
      tokenizer: at('other', 'my.model'),
      tokenizerConfig: at('other', 'tokenizer_config.json'),
      generationConfig: at('other', 'generation_config.json'),
    });
  });

  test('a damaged file that is given changes nothing, and is said', async () => {
    rmSync(program());
    await open('model/tokenizer.model');
    writeFileSync(at('other', 'broken.pte'), 'x'.repeat(100));
    answer = [at('other', 'broken.pte')];
    const { id } = asking();
    expect(await additions.locateMissing(id, 'program').catch(toAppError)).toMatchObject({ code: 'model-invalid' });
    expect(asking().missing).toEqual([{ part: 'program' }]);
    expect(await refused('other/broken.pte')).toMatchObject({ code: 'model-invalid' });
    expect(asking().missing).toEqual([{ part: 'program' }]);
  });

  test('an answer that was not offered, or to a question that is gone, has no effect', async () => {
    cpSync(program(), at('model', 'second.pte'));
    await open('model');
    const { id, question } = asking();
    expect(question?.options.map(({ name }) => name)).toEqual(['model.pte', 'second.pte']);
    await additions.choose(id, 'program', '/etc/passwd');
    await additions.choose(id, 'tokenizer', at('model', 'second.pte'));
    await additions.choose('another', 'program', at('model', 'second.pte'));
    expect(asking().question).toEqual(question);
    await additions.choose(id, 'program', at('model', 'second.pte'));
    expect(asking()).toMatchObject({ missing: [], found: [{ name: 'second.pte' }, { name: 'tokenizer.model' }] });
    await additions.cancel(id);
    expect(additions.state).toBeUndefined();
    expect(await additions.finish(id, false)).toBeUndefined();
    expect(added).toEqual([]);
  });

  test('it can be copied as it is opened', async () => {
    rmSync(at('model', 'tokenizer.model'));
    await open('model/model.pte');
    await open('other/my.model');
    await additions.finish(asking().id, true);
    expect(added[0]).toMatchObject({
      name: 'model',
      paths: { program: join(library, 'model', 'model.pte'), tokenizer: join(library, 'model', 'my.model') },
    });
    expect(inLibrary()).toEqual(['model']);
  });
});

describe('an export without a tokenizer', () => {
  /** Of the model that it was made from. */
  const own = (): Readonly<Record<string, Uint8Array | string>> => ({
    'own/tokenizer.model': tokenizer(),
    'own/tokenizer_config.json': '{}',
    'own/config.json': '{}',
    'own/generation_config.json': '{}',
    'own/model.safetensors': 'weights',
    'own/onnx/tokenizer.model': tokenizer(),
  });
  const whole = {
    data: [],
    tokenizer: 'own/tokenizer.model',
    tokenizerConfig: 'own/tokenizer_config.json',
    config: 'own/config.json',
    generationConfig: 'own/generation_config.json',
  };
  const resolved = (): unknown => ({
    ...Object.fromEntries(
      Object.entries(whole).map(([key, value]) => [key, typeof value === 'string' ? at(...value.split('/')) : value]),
    ),
    program: at('export', 'model.pte'),
  });
  beforeEach(() => write(folder, { 'export/model.pte': cpuProgram(), ...own() }));

  test('takes the one in the model’s own folder, dropped on the question', async () => {
    expect(await open('export')).toBeUndefined();
    const { id } = asking();
    expect(asking().missing).toEqual([{ part: 'tokenizer' }]);
    expect(await open('own')).toBeUndefined();
    expect(asking()).toMatchObject({ id, missing: [] });
    expect(await additions.finish(id, false)).toEqual({ modelId: 'm' });
    expect(added[0]?.paths).toEqual(resolved());
  });

  test('takes the one in a folder that the person chooses; a folder without one is refused by name', async () => {
    await open('export');
    const { id } = asking();
    answer = [at('empty')];
    expect(await additions.locateMissing(id, 'tokenizer', true).catch(toAppError)).toMatchObject({
      code: 'files-unusable',
      message: '“empty” has no tokenizer.',
    });
    expect(asking().missing).toHaveLength(1);
    answer = [at('own')];
    await additions.locateMissing(id, 'tokenizer', true);
    expect(wanted).toEqual(['partFolder', 'partFolder']);
    await additions.finish(id, false);
    expect(added[0]?.paths).toEqual(resolved());
  });

  test('takes the one in the cache of Hugging Face’s libraries', async () => {
    const repository = writeCache(at('hub'), 'someone/Tiny', {
      'tokenizer.model': tokenizer(),
      'tokenizer_config.json': '{}',
    });
    await open('export');
    await additions.open([repository]);
    await additions.finish(asking().id, false);
    const snapshot = join(repository, 'snapshots', revision);
    expect(added[0]?.paths).toEqual({
      program: at('export', 'model.pte'),
      data: [],
      tokenizer: join(snapshot, 'tokenizer.model'),
      tokenizerConfig: join(snapshot, 'tokenizer_config.json'),
    });
  });

  test('is opened with both folders at once', async () => {
    rmSync(at('own', 'onnx'), { recursive: true });
    expect(await open('own', 'export')).toEqual({ modelId: 'm' });
    expect(added[0]?.paths).toEqual(resolved());
  });

  test('remembers the pair: the same export asks no second time', async () => {
    kept = {
      ...{ id: 'm', name: 'Tiny', program: at('export', 'model.pte'), bytes: 1 },
      files: [{ part: 'tokenizer', path: at('own', 'tokenizer.model'), bytes: 1, modifiedAt: 1 }],
    };
    expect(await open('export')).toEqual({ modelId: 'm' });
    expect(added[0]?.paths).toEqual(resolved());
    rmSync(at('own'), { recursive: true });
    expect(await open('export')).toBeUndefined();
    expect(asking().missing).toEqual([{ part: 'tokenizer' }]);
  });

  test('is not answered by a folder with a program, which is another model', async () => {
    await open('export');
    expect(await open('model')).toEqual({ modelId: 'm' });
    expect(added[0]?.paths.program).toBe(program());
  });
});

describe('a folder with files that cannot be used', () => {
  test('names them with the question, and is opened without them', async () => {
    write(folder, {
      'repo/a/tiny.pte': cpuProgram(),
      'repo/b/tiny.pte': cpuProgram(),
      'repo/c/tiny.pte.crdownload': 'half',
      'repo/mlx/tiny.pte': programFor('MLXBackend'),
      'repo/tokenizer.model': tokenizer(),
    });
    await open('repo');
    expect(asking().question?.options.map(({ sketch }) => sketch?.backend)).toEqual(['CPU (XNNPACK)', 'CPU (XNNPACK)']);
    expect(asking().unusable.map(({ name, fault }) => [name, fault])).toEqual([
      ['tiny.pte', 'foreign-backend'],
      ['tiny.pte.crdownload', 'unfinished'],
    ]);
    const { id } = asking();
    await additions.choose(id, 'program', at('repo', 'b', 'tiny.pte'));
    await additions.finish(id, false);
    expect(added[0]?.paths.program).toBe(at('repo', 'b', 'tiny.pte'));
  });

  test.each([
    [
      'a download that is not over',
      { 'repo/model.pte.part': 'half' },
      'repo',
      /“model\.pte\.part” is still being downloaded/,
    ],
    [
      'the unfinished file itself',
      { 'repo/model.pte.part': 'half' },
      'repo/model.pte.part',
      /“model\.pte\.part” is still being downloaded/,
    ],
    [
      'a clone without its large files',
      { 'repo/model.pte': lfsPointer, 'repo/tokenizer.json': '{}' },
      'repo',
      /Git LFS/,
    ],
    [
      'links in a circle',
      { 'repo/model.pte': { linkTo: 'model.pte' } },
      'repo',
      /“model\.pte” is a link that leads back/,
    ],
    ['a link out of it', { 'repo/model.pte': { linkTo: '../model/model.pte' } }, 'repo', /outside of its folder/],
  ] as const)('%s is refused by name', async (_what, files, path, message) => {
    write(folder, files);
    expect(await refused(path)).toMatchObject({
      code: 'files-unusable',
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    });
    expect(additions.state).toBeUndefined();
  });

  test('a broken tokenizer is missing, with the reason', async () => {
    write(folder, { 'repo/model.pte': cpuProgram(), 'repo/tokenizer.json': lfsPointer });
    await open('repo');
    expect(asking()).toMatchObject({
      missing: [{ part: 'tokenizer' }],
      unusable: [{ name: 'tokenizer.json', fault: 'lfs-pointer' }],
    });
  });
});

const archive = (...without: readonly string[]): Buffer =>
  zip(
    ['model.pte', 'tokenizer.model', 'wyvern.json']
      .filter((name) => !without.includes(name))
      .map((name) => ({ name: `a/b/${name}`, data: readFileSync(join(tinyLlama, name)) })),
  );

describe('an archive', () => {
  test('is unpacked into the library’s folder', async () => {
    writeFileSync(at('tiny.zip'), archive());
    expect(await open('tiny.zip')).toEqual({ modelId: 'm' });
    expect(inLibrary()).toEqual(['Tiny wyvern (test model)']);
    expect(added[0]?.paths.program).toBe(join(library, 'Tiny wyvern (test model)', 'model.pte'));
    expect(states.some((state) => state?.status === 'copying' && state.stage === 'unpack')).toBe(true);
    expect(additions.state).toBeUndefined();
  });

  test('without a tokenizer asks for it, and takes it into the folder', async () => {
    writeFileSync(at('tiny.zip'), archive('tokenizer.model'));
    await open('tiny.zip');
    expect(asking()).toMatchObject({ unpacked: true, missing: [{ part: 'tokenizer', name: 'tokenizer.model' }] });
    await open('model/tokenizer.model');
    await additions.finish(asking().id, false);
    expect(added[0]?.paths.tokenizer).toBe(join(library, 'Tiny wyvern (test model)', 'tokenizer.model'));
    expect(existsSync(at('model', 'tokenizer.model'))).toBe(true);
  });

  test('that is cancelled, or holds no model, or a damaged one, leaves nothing', async () => {
    writeFileSync(at('tiny.zip'), archive('tokenizer.model'));
    await open('tiny.zip');
    await additions.cancel(asking().id);
    expect(inLibrary()).toEqual([]);
    writeFileSync(at('tiny.zip'), zip([{ name: 'notes.txt', data: 'Buy milk' }]));
    expect(await refused('tiny.zip')).toMatchObject({ code: 'model-not-recognised' });
    expect(inLibrary()).toEqual([]);
    writeFileSync(
      at('tiny.zip'),
      zip([
        { name: 'model.pte', data: 'x' },
        { name: 'tokenizer.json', data: '{}' },
      ]),
    );
    expect(await refused('tiny.zip')).toMatchObject({ code: 'model-invalid' });
    expect(inLibrary()).toEqual([]);
  });

  test('is one at a time; ending the app leaves nothing half done', async () => {
    writeFileSync(at('tiny.zip'), archive());
    const opening = open('tiny.zip');
    expect(await refused('model')).toMatchObject({ code: 'addition-running' });
    await additions.shutdown();
    expect(await opening).toBeUndefined();
    expect(inLibrary()).toEqual([]);
    expect(added).toEqual([]);
  });
});

describe('what the system hands over', () => {
  test('is opened like what is dropped; a failure is kept until it is seen', async () => {
    await additions.openFromSystem([at('model')]);
    expect(added).toHaveLength(1);
    await additions.openFromSystem([at('gone.pte')]);
    expect(additions.state).toMatchObject({ status: 'failed', error: { code: 'files-not-found' } });
    await additions.cancel(additions.state!.id);
    expect(additions.state).toBeUndefined();
  });
});

describe('a model that is in the library', () => {
  beforeEach(() => {
    const files: readonly StoredFile[] = [
      { part: 'program', path: program(), bytes: 1, modifiedAt: 1 },
      { part: 'tokenizer', path: at('model', 'tokenizer.model'), bytes: 1, modifiedAt: 1 },
    ];
    kept = { id: 'm', name: 'Tiny', program: program(), bytes: 1, files };
  });

  test('is copied, once', async () => {
    expect(await additions.copy('m')).toBe(true);
    expect(moved[0]?.map(({ path }) => path)).toEqual([
      join(library, 'Tiny', 'model.pte'),
      join(library, 'Tiny', 'tokenizer.model'),
    ]);
    kept = { ...kept!, program: join(library, 'Tiny', 'model.pte') };
    await additions.copy('m');
    expect(inLibrary()).toEqual(['Tiny']);
  });

  test('is located by what lies around the file that the person shows', async () => {
    expect(await additions.locate('m')).toBeUndefined();
    answer = [program()];
    expect(await additions.locate('m')).toEqual({ modelId: 'm' });
    expect(moved[0]?.map(({ path }) => path)).toContain(at('model', 'tokenizer.model'));
    expect(wanted).toEqual(['moved', 'moved']);
  });
});
