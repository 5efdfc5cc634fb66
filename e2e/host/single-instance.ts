/** The single-instance lock: a symbolic link that names the owner's process, taken in one atomic step. */
import { readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OtherInstance {
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  readonly additionalData: Record<string, unknown>;
}

const lockName = 'host-lock';
const noteName = 'host-second-instance.json';

/** Returns true if this process now owns `folder`; else notifies the owner about `self`. */
export function takeLock(folder: string, self: OtherInstance, onOther: (other: OtherInstance) => void): boolean {
  const lock = join(folder, lockName);
  const note = join(folder, noteName);
  const owner = ownerOf(lock);
  if (owner !== undefined && isRunning(owner)) {
    writeFileSync(`${note}.new`, JSON.stringify(self));
    renameSync(`${note}.new`, note);
    return false;
  }
  if (owner !== undefined) rmSync(lock, { force: true });
  symlinkSync(identity(process.pid), lock);
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
  process.once('exit', () => rmSync(lock, { force: true }));
  return true;
}

function ownerOf(lock: string): string | undefined {
  try {
    return readlinkSync(lock);
  } catch {
    return undefined;
  }
}

/** Process id and, if known, its start time, because systems reuse ids. */
function identity(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return `${pid}@${fields[19] ?? ''}`;
  } catch {
    return `${pid}@`;
  }
}

function isRunning(owner: string): boolean {
  const pid = Number.parseInt(owner, 10);
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return identity(pid) === owner;
}
