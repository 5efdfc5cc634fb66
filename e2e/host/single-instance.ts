/**
 * The single-instance lock: an exclusive transaction of SQLite on a file in the app's folder. The system releases it when
 * the owner's process ends in any way, so no lock outlives its owner, and a process id that is in use again does not matter.
 */
import { readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface OtherInstance {
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  readonly additionalData: Record<string, unknown>;
}

const lockName = 'host-lock';
const noteName = 'host-second-instance.json';

/** SQLite's primary result code for a lock that another connection holds. */
const busy = 5;

/** Keeps the connections, and with them the locks, until the process ends. */
const held = new Set<DatabaseSync>();

/** Returns true if this process now owns `folder`; else notifies the owner about `self`. */
export function takeLock(folder: string, self: OtherInstance, onOther: (other: OtherInstance) => void): boolean {
  const note = join(folder, noteName);
  if (!lock(join(folder, lockName))) {
    writeFileSync(`${note}.new`, JSON.stringify(self));
    renameSync(`${note}.new`, note);
    return false;
  }
  rmSync(note, { force: true });
  watch(folder, { persistent: false }, (_kind, name) => {
    if (name !== noteName) return;
    try {
      onOther(JSON.parse(readFileSync(note, 'utf8')) as OtherInstance);
      rmSync(note, { force: true });
    } catch {
      // The previous event removed it.
    }
  });
  return true;
}

/** Returns false if another connection, in this process or in another one, holds the lock. */
function lock(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    held.add(database);
    return true;
  } catch (cause) {
    database.close();
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === busy) return false;
    throw cause;
  }
}
