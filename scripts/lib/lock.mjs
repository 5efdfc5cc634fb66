import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Lock files between processes. The owner touches its file every few seconds. If the owner or its machine
 * dies, another process detects this and takes the lock, so nobody has to delete the file.
 */
const beatMs = 5_000;
const staleMs = 60_000;
const pollMs = 200;

/**
 * Waits for the lock, then runs `work` while holding it.
 * @template T
 * @param {string} path The lock file.
 * @param {() => Promise<T> | T} work
 * @param {{ onWait?: (owner: number) => void }} [options] `onWait` runs once, with the owner's process id.
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { onWait } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const token = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  let told = false;
  while (!tryTake(path, token)) {
    const owner = read(path);
    if (owner === undefined) continue;
    if (isStale(path, owner)) {
      evict(path, owner);
      continue;
    }
    if (!told) onWait?.(ownerOf(owner).pid);
    told = true;
    await delay(pollMs);
  }
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // Another process took the lock, which happens only after a minute of silence. A manifest protects the work.
    }
  }, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (read(path) === token) rmSync(path, { force: true });
  }
}

/** @param {string} path @param {string} token */
function tryTake(path, token) {
  try {
    writeFileSync(path, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path @returns {string | undefined} */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} text @returns {{ pid: number, host: string }} */
function ownerOf(text) {
  try {
    const value = JSON.parse(text);
    return { pid: Number(value.pid), host: String(value.host) };
  } catch {
    return { pid: 0, host: '' };
  }
}

/** @param {string} path @param {string} text */
function isStale(path, text) {
  const owner = ownerOf(text);
  if (owner.pid > 0 && owner.host === hostname() && !isAlive(owner.pid)) return true;
  try {
    return Date.now() - statSync(path).mtimeMs > staleMs;
  } catch {
    return false;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Removes a stale lock. Two waiters may see the same stale lock, and the slower one would remove the faster one's new
 * lock. So this moves the lock aside first, and puts it back if another process owns it.
 * @param {string} path @param {string} seen
 */
function evict(path, seen) {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = read(aside);
  if (moved !== undefined && moved !== seen) tryTake(path, moved);
  rmSync(aside, { force: true });
}
