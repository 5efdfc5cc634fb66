/** Copies into the library are complete or absent, on disks that are full, slow or faulty. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toAppError } from '../../app-error.ts';
import type { BundlePaths } from '../../engine/protocol.ts';
import type { Progress } from './disk.ts';
import { makeWorkFolder, placeInLibrary, sweepWorkFolders, type PlaceOptions } from './place.ts';

let folder: string;
let library: string;
let paths: BundlePaths;
const content = Buffer.alloc(700_000, 'weights');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern place ü-'));
  library = join(folder, 'library');
  const at = (place: string, name: string, data: Buffer | string): string => {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, name), data);
    return join(folder, place, name);
  };
  paths = {
    program: at('a', 'model.pte', 'program'),
    data: [at('a', 'model.ptd', content), at('b', 'MODEL.PTD', 'other')],
    tokenizer: at('b', 'tokenizer.json', '{}'),
    manifest: at('c', 'wyvern.json', '{"name":"M"}'),
  };
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true, force: true });
});

async function place(more: Partial<PlaceOptions> = {}): Promise<BundlePaths> {
  const work = await makeWorkFolder(library);
  try {
    const signal = new AbortController().signal;
    return await placeInLibrary(paths, {
      library,
      work,
      name: 'Tiny: the model?',
      signal,
      onProgress: () => undefined,
      ...more,
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
const left = (): readonly string[] => readdirSync(library);

/** The prototype of file handles. */
async function fileMethods(): Promise<FileHandle> {
  const file = await promises.open(paths.program);
  await file.close();
  return Object.getPrototypeOf(file) as FileHandle;
}

test('files of several folders are put into one with the model’s name, under different names', async () => {
  const progress: Progress[] = [];
  const placed = await place({ onProgress: (one) => progress.push(one) });
  const at = (name: string): string => join(library, 'Tiny the model', name);
  expect(placed).toEqual({
    program: at('model.pte'),
    data: [at('model.ptd'), at('MODEL (2).PTD')],
    tokenizer: at('tokenizer.json'),
    manifest: at('wyvern.json'),
  });
  expect(readFileSync(placed.data[0]!).equals(content)).toBe(true);
  expect(readFileSync(placed.data[1]!, 'utf8')).toBe('other');
  const { bytesTotal } = progress[0]!;
  expect(bytesTotal).toBe(
    [paths.program, ...paths.data, paths.tokenizer, paths.manifest!].reduce(
      (sum, path) => sum + statSync(path).size,
      0,
    ),
  );
  for (const stage of ['copy', 'verify']) {
    expect(progress.findLast((one) => one.stage === stage)).toMatchObject({ bytesDone: bytesTotal, bytesTotal });
  }
  expect(existsSync(paths.program)).toBe(true);
});

test('a second model with the same name gets a number; an unusable name is replaced', async () => {
  await place();
  expect(basename(join((await place()).program, '..'))).toBe('Tiny the model (2)');
  for (const name of ['', '...', 'CON', ' .. ']) await place({ name });
  expect(left()).toContain('model');
  expect(left()).toContain('model (4)');
});

test('files in the work folder are moved, not copied', async () => {
  const work = await makeWorkFolder(library);
  mkdirSync(join(work, 'unpacked'));
  writeFileSync(join(work, 'unpacked', 'model.pte'), 'unpacked');
  const own = { ...paths, program: join(work, 'unpacked', 'model.pte') };
  const signal = new AbortController().signal;
  const placed = await placeInLibrary(own, { library, work, name: 'Zip', signal, onProgress: () => undefined });
  expect(readFileSync(placed.program, 'utf8')).toBe('unpacked');
  expect(existsSync(own.program)).toBe(false);
});

test('a cancel during the copy or the comparison leaves no model', async () => {
  for (const stage of ['copy', 'verify']) {
    const stop = new AbortController();
    const cancelled = place({ signal: stop.signal, onProgress: (one) => one.stage === stage && stop.abort() });
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    expect(left()).toEqual([]);
  }
});

test('a full disk is reported with both numbers, before a byte is written', async () => {
  vi.spyOn(promises, 'statfs').mockResolvedValue({ bavail: 30_000, bsize: 1000 } as never);
  syncBuiltinESMExports();
  const open = vi.spyOn(promises, 'open');
  syncBuiltinESMExports();
  const error = toAppError(await place().catch((cause: unknown) => cause));
  expect(error).toMatchObject({ code: 'disk-full', message: expect.stringMatching(/1 MB .*30 MB free/) as string });
  expect(open).not.toHaveBeenCalled();
  expect(left()).toEqual([]);
});

test.each([
  ['that fills up meanwhile', 'ENOSPC', 'disk-full'],
  ['that fails', 'EIO', 'copy-failed'],
])('a disk %s leaves nothing', async (_what, code, expected) => {
  const methods = await fileMethods();
  vi.spyOn(methods, 'write').mockRejectedValue(Object.assign(new Error(`${code}: no`), { code }));
  expect(await place().catch(toAppError)).toMatchObject({ code: expected, hint: expect.any(String) as string });
  expect(left()).toEqual([]);
});

test('the hash detects a disk that returns other bytes than were written', async () => {
  const methods = await fileMethods();
  type Write = (this: FileHandle, chunk: Buffer, at: number, length: number) => Promise<{ bytesWritten: number }>;
  const write = Object.getOwnPropertyDescriptor(methods, 'write')?.value as Write;
  const lie: Write = async function (chunk, at, length) {
    const other = Buffer.from(chunk);
    other[at] = (other[at] ?? 0) ^ 1;
    return await write.call(this, other, at, length);
  };
  vi.spyOn(methods, 'write').mockImplementation(lie as never);
  expect(await place().catch(toAppError)).toMatchObject({
    code: 'copy-failed',
    message: expect.stringContaining('the disk returned other bytes than were written') as string,
  });
  expect(left()).toEqual([]);
});

test('a source that changes during the copy is detected', async () => {
  let changed = false;
  const copying = place({
    onProgress: () => {
      if (!changed) writeFileSync(paths.program, 'another program');
      changed = true;
    },
  });
  expect(await copying.catch(toAppError)).toMatchObject({
    code: 'copy-failed',
    message: expect.stringContaining('changed during the copy') as string,
  });
  expect(left()).toEqual([]);
});

test('a missing source is reported by name', async () => {
  rmSync(paths.tokenizer);
  expect(await place().catch(toAppError)).toMatchObject({
    code: 'model-unreadable',
    message: expect.stringContaining('tokenizer.json') as string,
  });
  expect(left()).toEqual([]);
});

test('the next start removes the work folders of killed processes and nothing else', async () => {
  await place();
  await makeWorkFolder(library);
  expect(left()).toHaveLength(2);
  await sweepWorkFolders(library);
  expect(left()).toEqual(['Tiny the model']);
  await sweepWorkFolders(join(folder, 'no such folder'));
});
