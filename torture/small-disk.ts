/**
 * Runs on a small disk that fills up soon (d6-full-disk.ts makes it): `node small-disk.ts FOLDER CASES SEED MINUTES
 * CAN-BE-READ-ONLY`. Prints an outcome as JSON.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toAppError } from '../main/app-error.ts';
import { openStore } from '../main/store/store.ts';
import type { Store } from '../main/store/store.ts';
import type { Dice } from '../native/test/random.ts';
import { tryCases } from './promise.ts';

const [disk = '', cases, seed, minutes, canBeReadOnly] = process.argv.slice(2);
const end = performance.now() + Number(minutes) * 60_000;

/** The person's message; it must be a sentence about the disk. */
function requireMessage(cause: unknown): void {
  const { code, message } = toAppError(cause);
  if (code !== 'store-failed' || !/disk|may not write/.test(message))
    throw new Error(`Not a message: ${code} ${message}`, { cause });
}

function requireAll(store: Store, acknowledged: readonly string[]): void {
  if (store.salvaged()) throw new Error('A full disk was taken for damage');
  const shown = new Set(store.tree.path('c').map(({ id }) => id));
  const lost = acknowledged.filter((id) => !shown.has(id));
  if (lost.length > 0) throw new Error(`Lost: ${lost.join(', ')}`);
}

/** Sends until sending fails. @returns The acknowledged messages. */
function sendUntilFull(store: Store, random: Dice): readonly string[] {
  const acknowledged: string[] = [];
  for (let turn = 0; turn < 5000; turn++) {
    const id = `m${turn}`;
    try {
      store.transaction(() => {
        if (turn === 0) store.conversations.create('c', 1);
        store.tree.append('c', {
          id,
          role: 'user',
          text: 'x'.repeat(random.below(30_000)),
          state: 'complete',
          createdAt: turn,
        });
      });
    } catch (cause) {
      requireMessage(cause);
      requireAll(store, acknowledged);
      return acknowledged;
    }
    acknowledged.push(id);
  }
  throw new Error('The disk was never full');
}

/** The store opens or fails with a reason. */
function openIfPossible(path: string, acknowledged: readonly string[]): void {
  let store: Store;
  try {
    store = openStore(path);
  } catch (cause) {
    requireMessage(cause);
    return;
  }
  requireAll(store, acknowledged);
  store.close();
}

function attempt(random: Dice, index: number): number {
  const folder = join(disk, 'case');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const path = join(folder, 'wyvern.sqlite');
  const filler = join(folder, 'filler');
  // More than the store's final size, because the log is copied into the file before either shrinks.
  writeFileSync(filler, Buffer.alloc(2_000_000 + random.below(600_000)));
  const store = openStore(path);
  const acknowledged = sendUntilFull(store, random);
  store.close();
  openIfPossible(path, acknowledged);

  if (canBeReadOnly === 'yes' && index % 3 === 0) {
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    try {
      openIfPossible(path, acknowledged);
    } finally {
      execFileSync('mount', ['-o', 'remount,rw', disk]);
    }
  }
  if (index % 3 === 1) repairWithoutRoom(path);
  rmSync(filler);
  const again = openStore(path);
  if (index % 3 !== 1) requireAll(again, acknowledged);
  again.transaction(() =>
    again.tree.append('c', { id: 'after', role: 'user', text: 'goes on', state: 'complete', createdAt: 1 }),
  );
  const lost = acknowledged.filter((id) => !again.tree.path('c').some((message) => message.id === id)).length;
  again.close();
  return lost;
}

/** A missing header: salvage needs as much room as the store has, and leaves the file unchanged without it. */
function repairWithoutRoom(path: string): void {
  const damaged = readFileSync(path).fill(0, 0, 100);
  writeFileSync(path, damaged);
  try {
    openStore(path).close();
  } catch (cause) {
    requireMessage(cause);
    if (!readFileSync(path).equals(damaged)) throw new Error('The damaged file is not as it was', { cause });
  }
}

const trial = { cases: Number(cases), seed: Number(seed), mayGoOn: () => performance.now() < end };
const outcome = await tryCases(trial, attempt);
process.stdout.write(JSON.stringify(outcome));
