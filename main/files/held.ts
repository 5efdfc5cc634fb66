/**
 * Renames and removes files that another program may hold open for a moment. Windows refuses both then, and virus scanners,
 * search indexes and synchronised folders open each new file. Elsewhere an open file is no obstacle, so that nothing is tried
 * twice there. The rest of main/ uses these functions instead of Node's.
 */
import { renameSync, rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** What Windows' errors for a held file become in Node; a folder with a file that is being deleted is not empty yet. */
const heldCodes: ReadonlySet<unknown> = new Set(['EBUSY', 'EPERM', 'EACCES', 'ENOTEMPTY']);

/** Pauses between attempts, ms: 2.6 s in all. */
const pauses = [10, 20, 40, 80, 160, 320, 640, 1280];
/** The same for calls that stop the whole process: 0.6 s in all. */
const shortPauses = pauses.slice(0, 6);

/** What tests replace. */
export interface Patience {
  /** Whether open files are an obstacle on this system. */
  readonly held?: boolean;
  readonly pause?: (ms: number) => Promise<void>;
  readonly pauseSync?: (ms: number) => void;
}

const onWindows = process.platform === 'win32';

/** Gives a file or folder another name. An existing file of that name is replaced. @throws the system's own error */
export async function renameFile(from: string, to: string, patience?: Patience): Promise<void> {
  await whileHeld(() => rename(from, to), patience);
}

/** Removes a file, or nothing if there is none. @throws the system's own error */
export async function removeFile(path: string, patience?: Patience): Promise<void> {
  await whileHeld(() => rm(path, { force: true }), patience);
}

/** Removes a folder with its contents, or nothing if there is none. @throws the system's own error */
export async function removeFolder(path: string, patience?: Patience): Promise<void> {
  await whileHeld(() => rm(path, { recursive: true, force: true }), patience);
}

/** As {@link renameFile}; for the start of the app, when nothing else can go on. */
export function renameFileSync(from: string, to: string, patience?: Patience): void {
  whileHeldSync(() => renameSync(from, to), patience);
}

/** As {@link removeFile}; for the start of the app. */
export function removeFileSync(path: string, patience?: Patience): void {
  whileHeldSync(() => rmSync(path, { force: true }), patience);
}

async function whileHeld(
  attempt: () => Promise<void>,
  { held = onWindows, pause = (ms) => delay(ms) }: Patience = {},
): Promise<void> {
  for (const ms of held ? pauses : []) {
    try {
      await attempt();
      return;
    } catch (cause) {
      if (!isHeld(cause)) throw cause;
    }
    await pause(ms);
  }
  await attempt();
}

function whileHeldSync(attempt: () => void, { held = onWindows, pauseSync = stopFor }: Patience = {}): void {
  for (const ms of held ? shortPauses : []) {
    try {
      attempt();
      return;
    } catch (cause) {
      if (!isHeld(cause)) throw cause;
    }
    pauseSync(ms);
  }
  attempt();
}

function isHeld(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && heldCodes.has(cause.code);
}

function stopFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
