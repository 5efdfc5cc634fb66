/**
 * Replaces the store file by another one. After a kill at any instant the store is the old or the new one: the next start
 * finishes a replacement that had begun.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { renameFileSync } from '../files/held.ts';

/** A database, its write-ahead log and the log's index. The database is last: the others are useless without it. */
const parts = ['-wal', '-shm', ''] as const;
const ready = '.ready';

/** Renames the store to `aside` and puts `made` in its place. `made` is complete; neither file may be open. */
export function swap(path: string, made: string, aside: string): void {
  syncFile(made);
  renameFileSync(made, aside + ready);
  syncFolder(dirname(path));
  finish(path, aside);
}

/** Finishes a {@link swap} that a kill interrupted. */
export function finishSwap(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  const begun = readdirSync(folder).find((name) => name.startsWith(`${basename(path)}.`) && name.endsWith(ready));
  if (begun !== undefined) finish(path, join(folder, begun.slice(0, -ready.length)));
}

function finish(path: string, aside: string): void {
  for (const part of parts) {
    if (existsSync(path + part) && !existsSync(aside + part)) renameFileSync(path + part, aside + part);
  }
  renameFileSync(aside + ready, path);
  syncFolder(dirname(path));
}

/**
 * A name beside the store with time and reason. Nobody has it yet: a person may set the clock back, and a log that cannot move
 * aside would be read into the new store.
 */
export function asideName(path: string, why: string): string {
  const name = `${path}.${why}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const isTaken = (candidate: string): boolean => [...parts, ready].some((part) => existsSync(candidate + part));
  let free = name;
  for (let count = 2; isTaken(free); count += 1) free = `${name}-${count}`;
  return free;
}

export function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Flushes the names in a folder to the disk. Windows has no such call; its journal does it. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
