import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Progress } from '../lib/progress.mjs';
import { isFresh, perform } from './stage.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-stage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A stand-in for standard error. */
function listener() {
  let text = '';
  const out = { isTTY: false, write: (/** @type {string} */ more) => (text += more) };
  // @ts-expect-error Has only the parts that Progress uses.
  return { progress: new Progress(folder, { out }), said: () => text };
}

describe('a stage', () => {
  it('is up to date until its inputs change or its result is missing', async () => {
    let key = 'a';
    let there = false;
    const stage = {
      name: 'thing',
      title: 'thing',
      key: () => key,
      isThere: () => there,
      make: async () => {
        there = true;
        return 'as good as new';
      },
    };
    const { progress, said } = listener();
    expect(isFresh(stage, folder)).toBe(false);
    await perform(stage, folder, progress);
    expect(isFresh(stage, folder)).toBe(true);
    expect(said()).toMatch(/^setup: ✓ thing \(as good as new\) \d+\.\d s\n$/);
    key = 'b';
    expect(isFresh(stage, folder)).toBe(false);
    key = 'a';
    there = false;
    expect(isFresh(stage, folder)).toBe(false);
    progress.close();
  });

  it('is not up to date if an input changed during the work', async () => {
    let key = 'before';
    const stage = {
      name: 'thing',
      title: 'thing',
      key: () => key,
      isThere: () => true,
      make: async () => void (key = 'after'),
    };
    const { progress } = listener();
    await perform(stage, folder, progress);
    expect(isFresh(stage, folder)).toBe(false);
    progress.close();
  });

  it('is not up to date after a failure, even after an earlier success', async () => {
    let fails = false;
    const stage = {
      name: 'thing',
      title: 'thing',
      key: () => 'a',
      isThere: () => true,
      make: async () => {
        if (fails) throw new Error('disk full');
      },
    };
    const { progress, said } = listener();
    await perform(stage, folder, progress);
    fails = true;
    await expect(perform(stage, folder, progress)).rejects.toThrow('disk full');
    expect(isFresh(stage, folder)).toBe(false);
    expect(said()).toContain('✗ thing (disk full)');
    progress.close();
  });
});
