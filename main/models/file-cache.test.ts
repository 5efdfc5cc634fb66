import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileCache } from './file-cache.ts';

let folder: string;
let path: string;
let reads: string[];
let cache: FileCache<string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-cache-'));
  path = join(folder, 'file');
  writeFileSync(path, 'one');
  reads = [];
  cache = new FileCache(async (file) => {
    reads.push(file);
    const text = await readFile(file, 'utf8');
    if (text === 'bad') throw new Error('It is bad.');
    return text;
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

test('an unchanged file is read once, also by parallel readers', async () => {
  expect(await Promise.all([cache.get(path), cache.get(path)])).toEqual(['one', 'one']);
  expect(await cache.get(path)).toBe('one');
  expect(reads).toHaveLength(1);
});

test('a file with another size or time is read again', async () => {
  await cache.get(path);
  writeFileSync(path, 'longer');
  expect(await cache.get(path)).toBe('longer');
  writeFileSync(path, 'LONGER');
  utimesSync(path, 1, 1);
  expect(await cache.get(path)).toBe('LONGER');
  expect(reads).toHaveLength(3);
});

test('failures are not cached, and a missing file is a failure', async () => {
  writeFileSync(path, 'bad');
  await expect(cache.get(path)).rejects.toThrow('bad');
  await expect(cache.get(path)).rejects.toThrow('bad');
  expect(reads).toHaveLength(2);
  rmSync(path);
  await expect(cache.get(path)).rejects.toMatchObject({ code: 'ENOENT' });
});
