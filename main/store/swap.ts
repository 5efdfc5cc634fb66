/**
 * Putting another file in the store's place. A kill at any instant leaves the store before or after: what has begun is
 * finished when the store is opened the next time.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A database, its write-ahead log and the log's index; the database last, since the others mean nothing without it. */
const parts = ['-wal', '-shm', ''] as const;
const ready = '.ready';

/** Puts `made`, which is complete and closed, in the place of the store, which is renamed to `aside`. Nothing may have it open. */
export function swap(path: string, made: string, aside: string): void {
  syncFile(made);
  renameSync(made, aside + ready);
  syncFolder(dirname(path));
  finish(path, aside);
}

/** Ends what {@link swap} began when the app was killed in it. */
export function finishSwap(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  const begun = readdirSync(folder).find((name) => name.startsWith(`${basename(path)}.`) && name.endsWith(ready));
  if (begun !== undefined) finish(path, join(folder, begun.slice(0, -ready.length)));
}

function finish(path: string, aside: string): void {
  for (const part of parts) {
    if (existsSync(path + part) && !existsSync(aside + part)) renameSync(path + part, aside + part);
  }
  renameSync(aside + ready, path);
  syncFolder(dirname(path));
}

/** A name beside the store that says when and why. */
export function asideName(path: string, why: string): string {
  return `${path}.${why}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
}

export function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The names in a folder are on the disk. Windows has no such call and keeps them by its journal. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
