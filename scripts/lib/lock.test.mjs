import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.mjs';

/** @type {string} */
let folder;
/** @type {string} */
let path;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The id of an ended process. */
async function deadProcess() {
  const child = fork(join(import.meta.dirname, 'failure.mjs'), { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid;
}

describe('withLock', () => {
  it('runs one at a time and returns the work’s result', async () => {
    /** @type {string[]} */
    const events = [];
    const work = (/** @type {string} */ name) => async () => {
      events.push(`${name} in`);
      await turn();
      events.push(`${name} out`);
      return name;
    };
    expect(
      await Promise.all([withLock(path, work('a')), withLock(path, work('b')), withLock(path, work('c'))]),
    ).toEqual(['a', 'b', 'c']);
    expect(events.filter((_, index) => index % 2 === 0).map((event) => event.replace('in', 'out'))).toEqual(
      events.filter((_, index) => index % 2 === 1),
    );
    expect(existsSync(path)).toBe(false);
  });

  it('is free again after the work failed', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(path, () => 'free')).toBe('free');
  });

  it('reports the owner to a waiter once', async () => {
    /** @type {number[]} */
    const owners = [];
    let release = () => {};
    const first = withLock(path, () => new Promise((resolve) => (release = () => resolve(undefined))));
    const second = withLock(path, () => undefined, {
      onWait: (owner) => {
        owners.push(owner);
        release();
      },
    });
    await Promise.all([first, second]);
    expect(owners).toEqual([process.pid]);
  });

  it('takes the lock of a dead process', async () => {
    writeFileSync(path, JSON.stringify({ pid: await deadProcess(), host: hostname(), id: 'x' }));
    expect(await withLock(path, () => 'mine')).toBe('mine');
  });

  it.each(['', 'rubbish', JSON.stringify({ pid: 1, host: 'another machine', id: 'x' })])(
    'takes over a lock that nobody has touched for long: %j',
    async (content) => {
      writeFileSync(path, content);
      const longAgo = new Date(Date.now() - 3_600_000);
      utimesSync(path, longAgo, longAgo);
      expect(await withLock(path, () => 'mine')).toBe('mine');
    },
  );

  it('lets only one of many waiters take over', async () => {
    writeFileSync(path, JSON.stringify({ pid: await deadProcess(), host: hostname(), id: 'x' }));
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, (inside += 1));
      await turn();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(path, work)));
    expect(most).toBe(1);
  });
});
