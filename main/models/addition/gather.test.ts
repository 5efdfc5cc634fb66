import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lfsPointer, revision, write, writeCache } from '../../testing/repositories.ts';
import { fileSystem, type Entry, type FileSystem } from './file-system.ts';
import { gather, most, type Gathered } from './gather.ts';
import { onThisMachine } from './links.ts';

const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'wyvern repository ü-')));
const found = (folder: string, { files }: Gathered): readonly string[] =>
  files.map(({ path }) => relative(folder, path).split(sep).join('/')).sort();
const faults = (folder: string, { faulty }: Gathered): readonly string[] =>
  faulty.map(({ path, fault }) => `${relative(folder, path).split(sep).join('/')}: ${fault}`).sort();

/** Counts the operations and keeps their paths; `following` has those of the operations that follow links. */
function counted(
  files: FileSystem = fileSystem,
): FileSystem & { readonly touched: string[]; readonly following: string[] } {
  const touched: string[] = [];
  const following: string[] = [];
  const count = (path: string, follows: boolean): void => {
    touched.push(path);
    if (follows) following.push(path);
  };
  return {
    touched,
    following,
    lstat: (path) => (count(path, false), files.lstat(path)),
    readlink: (path) => (count(path, false), files.readlink(path)),
    realpath: (path) => (count(path, true), files.realpath(path)),
    list: (path, limit) => (count(path, true), files.list(path, limit)),
    head: (path, bytes) => (count(path, true), files.head(path, bytes)),
  };
}

describe('a folder', () => {
  test('is searched three levels down, without hidden folders', async () => {
    const folder = newFolder();
    write(folder, {
      'tokenizer.json': '{}',
      'qnn/sm8650/model.pte': 'x',
      'a/b/c/deep.pte': 'x',
      'a/b/c/d/too-deep.pte': 'x',
      '.git/hidden.pte': 'x',
      '.cache/huggingface/hidden.pte': 'x',
    });
    expect(found(folder, await gather([folder]))).toEqual(['a/b/c/deep.pte', 'qnn/sm8650/model.pte', 'tokenizer.json']);
  });

  test('of a variant gets the tokenizer of its repository; any other folder stays alone', async () => {
    const folder = newFolder();
    write(folder, {
      'tokenizer.json': '{}',
      'tokenizer_config.json': '{}',
      'other.pte': 'x',
      '0_6b/xnnpack/x.pte': 'x',
      'qwen-3-1.7B/quantized/y.pte': 'x',
      'mine/z.pte': 'x',
    });
    const shared = ['tokenizer.json', 'tokenizer_config.json'];
    for (const path of ['0_6b', '0_6b/xnnpack', '0_6b/xnnpack/x.pte']) {
      expect(found(folder, await gather([join(folder, path)]))).toEqual(['0_6b/xnnpack/x.pte', ...shared]);
    }
    expect(found(folder, await gather([join(folder, 'qwen-3-1.7B/quantized')]))).toEqual([
      'qwen-3-1.7B/quantized/y.pte',
      ...shared,
    ]);
    expect(found(folder, await gather([join(folder, 'mine')]))).toEqual(['mine/z.pte']);
    expect(found(folder, await gather([join(folder, 'mine/z.pte')]))).toEqual(['mine/z.pte']);
  });

  test('with endless folders costs a bounded number of operations', async () => {
    const entry = (name: string): Entry => ({
      name,
      isFile: () => false,
      isDirectory: () => true,
      isSymbolicLink: () => false,
    });
    const endless = counted({
      ...fileSystem,
      lstat: () =>
        Promise.resolve({ isFile: () => false, isDirectory: () => true, isSymbolicLink: () => false, size: 0 }),
      realpath: (path) => Promise.resolve(path),
      list: (_folder, limit) => Promise.resolve(Array.from({ length: limit }, (_, index) => entry(`f${index}`))),
    });
    expect((await gather(['/endless'], { files: endless })).cut).toBe(true);
    expect(endless.touched.length).toBeLessThanOrEqual(most.folders + 10);
  });

  test('with more files than any repository is searched in part, and says so', async () => {
    const entry = (name: string): Entry => ({
      name,
      isFile: () => true,
      isDirectory: () => false,
      isSymbolicLink: () => false,
    });
    const full = counted({
      ...fileSystem,
      realpath: (path) => Promise.resolve(path),
      lstat: () =>
        Promise.resolve({ isFile: () => false, isDirectory: () => true, isSymbolicLink: () => false, size: 0 }),
      list: (_folder, limit) => Promise.resolve(Array.from({ length: limit }, (_, index) => entry(`${index}.txt`))),
    });
    const result = await gather(['/full'], { files: full });
    expect(result.cut).toBe(true);
    expect(result.files).toHaveLength(most.entries);
    expect(full.touched.length).toBeLessThan(20);
  });
});

describe('the cache of Hugging Face’s libraries', () => {
  const files = { 'xnnpack/Tiny-8da4w-2k.pte': 'program', 'tokenizer.json': '{}', 'README.md': 'x' };
  const inSnapshot = ['README.md', 'tokenizer.json', 'xnnpack/Tiny-8da4w-2k.pte'];

  test('is found by its folder, its list of snapshots, a revision, a variant, and a file', async () => {
    const cache = newFolder();
    const root = writeCache(cache, 'someone/Tiny', files);
    const snapshot = join(root, 'snapshots', revision);
    for (const path of [root, join(root, 'snapshots'), snapshot, cache]) {
      expect(found(snapshot, await gather([path])), path).toEqual(inSnapshot);
    }
    for (const path of ['xnnpack', 'xnnpack/Tiny-8da4w-2k.pte']) {
      expect(found(snapshot, await gather([join(snapshot, path)])), path).toEqual(inSnapshot.slice(1));
    }
  });

  test('with two revisions gives the one in use; without a use, both', async () => {
    const cache = newFolder();
    const old = 'b'.repeat(40);
    const root = writeCache(cache, 'someone/Tiny', files);
    writeCache(cache, 'someone/Tiny', { 'old.pte': 'program' }, old);
    expect(found(join(root, 'snapshots'), await gather([root]))).toEqual([`${old}/old.pte`]);
    write(root, { 'refs/main': 'c'.repeat(40) });
    expect(found(join(root, 'snapshots'), await gather([root]))).toHaveLength(4);
    write(root, { 'refs/main': '../../../etc' });
    expect(found(join(root, 'snapshots'), await gather([root]))).toHaveLength(4);
  });

  test('without blobs names the missing files, and a download that is not over', async () => {
    const cache = newFolder();
    const root = writeCache(cache, 'someone/Tiny', { ...files, 'xnnpack/Tiny-8da4w-2k.pte': undefined });
    write(root, { 'blobs/0123.incomplete': 'half' });
    expect(faults(root, await gather([root]))).toEqual([
      'blobs/0123.incomplete: unfinished',
      `snapshots/${revision}/xnnpack/Tiny-8da4w-2k.pte: link-missing`,
    ]);
  });
});

describe('links', () => {
  test('out of the folder are named and never followed, also not to look at their target', async () => {
    const outside = newFolder();
    const folder = newFolder();
    write(outside, { 'secret.json': '{}', 'more/x.pte': 'x' });
    write(folder, {
      'a.pte': { linkTo: join(outside, 'secret.json') },
      'tokenizer.json': { linkTo: relative(folder, join(outside, 'secret.json')) },
      xnnpack: { linkTo: join(outside, 'more') },
      'in/b.pte': { linkTo: '../step/secret.json' },
      step: { linkTo: outside },
    });
    const disk = counted();
    const result = await gather([folder], { files: disk });
    expect(result.files).toEqual([]);
    expect(faults(folder, result)).toEqual([
      'a.pte: link-outside',
      'in/b.pte: link-outside',
      'step: link-outside',
      'tokenizer.json: link-outside',
      'xnnpack: link-outside',
    ]);
    expect(disk.touched.filter((path) => path.startsWith(outside))).toEqual([]);
  });

  test('in the places that a cache has by its format are not followed either', async () => {
    const outside = newFolder();
    write(outside, { main: revision, 'x.incomplete': 'x', [`${revision}/x.pte`]: 'x', 'chat.jinja': 'x' });
    const folder = newFolder();
    write(folder, {
      'models--a--a/refs': { linkTo: outside },
      'models--a--a/blobs': { linkTo: outside },
      'models--a--a/snapshots': { linkTo: outside },
      'models--b--b/refs/main': { linkTo: join(outside, 'main') },
      'models--b--b/snapshots/x/y.pte': 'x',
      'plain/z.pte': 'x',
      'plain/additional_chat_templates': { linkTo: outside },
    });
    const disk = counted();
    expect(found(folder, await gather([folder], { files: disk }))).toEqual([
      'models--b--b/snapshots/x/y.pte',
      'plain/z.pte',
    ]);
    expect(found(folder, await gather([join(folder, 'plain/z.pte')], { files: disk }))).toEqual(['plain/z.pte']);
    expect(disk.touched.filter((path) => path.startsWith(outside))).toEqual([]);
    expect(disk.following.filter((path) => /(refs|blobs|snapshots|templates)(\/main)?$/.test(path))).toEqual([
      join(folder, 'models--b--b/snapshots'),
    ]);
  });

  test('in circles are named, with a bounded number of operations', async () => {
    const folder = newFolder();
    write(folder, {
      'a.pte': { linkTo: 'b.pte' },
      'b.pte': { linkTo: 'a.pte' },
      'self.pte': { linkTo: 'self.pte' },
      'up/down': { linkTo: '..' },
      'deep/c.pte': { linkTo: '../up/down/up/down/up/down/up/down/up/down/a.pte' },
    });
    const disk = counted();
    const result = await gather([folder], { files: disk });
    expect(result.files).toEqual([]);
    expect(faults(folder, result)).toEqual([
      'a.pte: link-circle',
      'b.pte: link-circle',
      'deep/c.pte: link-circle',
      'self.pte: link-circle',
    ]);
    expect(disk.touched.length).toBeLessThan(150);
  });

  test('by the thousand cost a bounded number of operations', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'x'));
    for (let index = 0; index < 500; index++) symlinkSync(`../x/${index}.pte`, join(folder, 'x', `${index}.pte`));
    const disk = counted();
    const result = await gather([folder], { files: disk });
    expect(result.cut).toBe(true);
    expect(result.faulty).toHaveLength(most.links);
    expect(disk.touched.length).toBeLessThan(most.links * 60);
  });

  test('inside of the folder are its files', async () => {
    const folder = newFolder();
    write(folder, { 'store/1': 'x'.repeat(2000), 'model.pte': { linkTo: 'store/1' }, more: { linkTo: 'store' } });
    const result = await gather([folder]);
    expect(found(folder, result)).toEqual(['model.pte', 'store/1']);
    expect(result.faulty).toEqual([]);
  });

  test('that the person chose may lead to any place on this machine, but to no other machine', async () => {
    const outside = newFolder();
    const folder = newFolder();
    write(outside, { 'big.pte': 'x'.repeat(2000) });
    write(folder, { 'model.pte': { linkTo: join(outside, 'big.pte') }, 'round.pte': { linkTo: 'round.pte' } });
    expect(found(folder, await gather([join(folder, 'model.pte')]))).toEqual(['model.pte']);
    await expect(gather([join(folder, 'round.pte')])).rejects.toMatchObject({ error: { code: 'files-unusable' } });
    expect(onThisMachine('\\\\server\\share\\big.pte')).toBe(false);
    expect(onThisMachine(join(dirname(outside), 'x'))).toBe(true);
  });
});

test('files that are still being downloaded, and pointers of Git LFS, are named', async () => {
  const folder = newFolder();
  write(folder, {
    'model.pte.crdownload': 'half',
    'tokenizer.json.part': 'half',
    'notes.txt.part': 'half',
    'x.pte': lfsPointer,
    'tokenizer.json': lfsPointer,
    'config.json': '{}',
  });
  const result = await gather([folder]);
  expect(found(folder, result)).toEqual(['config.json', 'notes.txt.part']);
  expect(faults(folder, result)).toEqual([
    'model.pte.crdownload: unfinished',
    'tokenizer.json.part: unfinished',
    'tokenizer.json: lfs-pointer',
    'x.pte: lfs-pointer',
  ]);
});
