import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { removeFile, removeFileSync, removeFolder, renameFile, renameFileSync } from './held.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-held-'));
});

/** SQLite opens its file so that Windows refuses to rename or remove it. */
function hold(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE IF NOT EXISTS t (a)');
  return database;
}

test('a file that another program lets go of is removed and renamed', async () => {
  for (const act of [
    (pause: () => Promise<void>) => removeFile(at('a'), { pause }),
    (pause: () => Promise<void>) => renameFile(at('a'), at('b'), { pause }),
    (pause: () => Promise<void>) => renameFile(at('new'), at('a'), { pause }),
  ]) {
    const holder = hold(at('a'));
    writeFileSync(at('new'), 'new');
    await act(() => {
      holder.close();
      return Promise.resolve();
    });
    if (holder.isOpen) holder.close();
  }
  expect(readFileSync(at('a'), 'utf8')).toBe('new');
});

test('the same at the start of the app', () => {
  const holder = hold(at('a'));
  renameFileSync(at('a'), at('b'), { pauseSync: () => holder.close() });
  if (holder.isOpen) holder.close();
  const other = hold(at('b'));
  removeFileSync(at('b'), { pauseSync: () => other.close() });
  if (other.isOpen) other.close();
  expect(existsSync(at('b'))).toBe(false);
});

test('a folder with an open file is removed once the file is closed', async () => {
  mkdirSync(at('folder'));
  const holder = hold(at('folder/a'));
  await removeFolder(at('folder'), {
    pause: () => {
      holder.close();
      return Promise.resolve();
    },
  });
  if (holder.isOpen) holder.close();
  expect(existsSync(at('folder'))).toBe(false);
});

test('what is not there needs no removal', async () => {
  await removeFile(at('none'));
  await removeFolder(at('none'));
  removeFileSync(at('none'));
});

test('a file that stays held is an error after eight pauses', async () => {
  // A rename onto a folder with contents fails for good on every system.
  mkdirSync(at('from'));
  mkdirSync(at('to'));
  writeFileSync(at('to/a'), '');
  const pauses: number[] = [];
  const pause = (ms: number): Promise<void> => {
    pauses.push(ms);
    return Promise.resolve();
  };
  await expect(renameFile(at('from'), at('to'), { held: true, pause })).rejects.toThrow(/ENOTEMPTY|EPERM|EACCES/);
  expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 640, 1280]);
  const short: number[] = [];
  expect(() => renameFileSync(at('from'), at('to'), { held: true, pauseSync: (ms) => short.push(ms) })).toThrow(
    /ENOTEMPTY|EPERM|EACCES/,
  );
  expect(short).toEqual([10, 20, 40, 80, 160, 320]);
});

test('other errors, and systems without this obstacle, have no second attempt', async () => {
  const pause = (): Promise<void> => Promise.reject(new Error('It paused.'));
  await expect(renameFile(at('none'), at('b'), { held: true, pause })).rejects.toThrow('ENOENT');
  mkdirSync(at('from'));
  mkdirSync(at('to'));
  writeFileSync(at('to/a'), '');
  await expect(renameFile(at('from'), at('to'), { held: false, pause })).rejects.toThrow(/ENOTEMPTY|EPERM|EACCES/);
});
