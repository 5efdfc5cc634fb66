import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { testUnless } from '../testing/test-unless.ts';
import {
  asReadError,
  isElsewhere,
  openToRead,
  plainText,
  readBytes,
  readText,
  UnreadableFileError,
} from './reading.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-reading-'));
});

/** A file with a size and no content on the disk, as the cloud's are. */
function placeholder(): string {
  writeFileSync(at('cloud.pte'), '');
  truncateSync(at('cloud.pte'), 1_000_000);
  return at('cloud.pte');
}

test('a file in the cloud is recognised by its size and its place on the disk', () => {
  expect(isElsewhere({ size: 1_000_000, blocks: 0 }, 'win32')).toBe(true);
  expect(isElsewhere({ size: 1_000_000, blocks: 1954 }, 'win32')).toBe(false);
  // NTFS keeps small files in its table; other systems report nothing for files just written.
  expect(isElsewhere({ size: 500, blocks: 0 }, 'win32')).toBe(false);
  expect(isElsewhere({ size: 1_000_000, blocks: 0 }, 'linux')).toBe(false);
});

const inTheCloud = { platform: 'win32', patienceMs: 0 } as const;
const sentence = /only its name is on this computer/;

test('a first read that fails or never ends is an error with a next step', async () => {
  const path = placeholder();
  // Disks differ in the place that they give to empty files.
  const stated = statSync(path);
  if (!isElsewhere(stated, 'win32')) return;
  const failing = {
    ...inTheCloud,
    touch: () => Promise.reject(Object.assign(new Error('UNKNOWN'), { code: 'UNKNOWN' })),
  };
  const hanging = { ...inTheCloud, touch: () => new Promise(() => undefined) };
  for (const options of [failing, hanging]) {
    const error: unknown = await openToRead(path, options).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(UnreadableFileError);
    expect(error).toMatchObject({ message: expect.stringMatching(sentence) as string });
    expect((error as UnreadableFileError).hint).toMatch(/Always keep on this device/);
  }
});

test('a file in the cloud whose content arrives is read', async () => {
  const file = await openToRead(placeholder(), { platform: 'win32' });
  expect((await file.readFile()).length).toBe(1_000_000);
  await file.close();
});

test('what is no file is refused, and does not wait', async () => {
  mkdirSync(at('folder.pte'));
  await expect(openToRead(at('folder.pte'))).rejects.toThrow('it is not a file.');
  const pipe = process.platform === 'win32' ? `\\\\.\\pipe\\${basename(folder)}` : at('pipe.sock');
  const server = createServer().listen(pipe);
  await expect(openToRead(pipe)).rejects.toThrow();
  server.close();
});

const noFifo = process.platform === 'win32' ? 'Windows has no mkfifo' : undefined;
testUnless(noFifo, 'a named pipe without a writer does not hang', async () => {
  execFileSync('mkfifo', [at('fifo.json')]);
  await expect(readText(at('fifo.json'))).rejects.toThrow('it is not a file.');
});

test.each([
  ['UNKNOWN', /cannot deliver its content/, /OneDrive/],
  ['EIO', /disk does not answer/, /Connect the disk/],
  ['ENXIO', /disk does not answer/, /Connect the disk/],
  ['EBUSY', /another program is using it/, /Close that program/],
])('%s has a sentence and a next step', (code, message, hint) => {
  const error = asReadError(Object.assign(new Error(code), { code }));
  expect(error).toMatchObject({
    message: expect.stringMatching(message) as string,
    hint: expect.stringMatching(hint) as string,
  });
});

test('other errors stay as they are', () => {
  const missing = Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  expect(asReadError(missing)).toBe(missing);
  expect(asReadError('text')).toBe('text');
});

test('a text loses its byte order mark and carriage returns', async () => {
  writeFileSync(at('a.jinja'), '\ufeff{{ a }}\r\n\r\nb\rc\n');
  expect(await readText(at('a.jinja'))).toBe('{{ a }}\n\nb\nc\n');
  expect(plainText('no change\n')).toBe('no change\n');
});

test('a limit refuses a larger file by name of its size', async () => {
  writeFileSync(at('a'), 'abc');
  expect((await readBytes(at('a'), 3)).toString()).toBe('abc');
  await expect(readBytes(at('a'), 2)).rejects.toThrow('it has 3 bytes, more than the 2 allowed');
});

test('a path longer than 260 characters, with letters beyond ASCII, is read', async () => {
  let deep = folder;
  while (deep.length < 300) deep = join(deep, 'ein längerer ワイバーン Ordner');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'a.json'), '{}');
  expect(await readText(join(deep, 'a.json'))).toBe('{}');
});
