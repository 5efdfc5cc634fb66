import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentHash, filesUnder } from './content-hash.mjs';

/** @type {string} */
let base;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'wyvern-hash-'));
  mkdirSync(join(base, 'a', 'node_modules'), { recursive: true });
  writeFileSync(join(base, 'a', 'one.cpp'), '1');
  writeFileSync(join(base, 'a', 'two.md'), '2');
  writeFileSync(join(base, 'a', 'node_modules', 'three.cpp'), '3');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const hash = () => contentHash({ base, files: filesUnder([join(base, 'a')]), facts: ['x64'] });

describe('contentHash', () => {
  it('depends on contents, names and facts, and on nothing else', () => {
    const before = hash();
    writeFileSync(join(base, 'a', 'one.cpp'), '1');
    expect(hash()).toBe(before);
    expect(contentHash({ base, files: filesUnder([join(base, 'a')]), facts: ['arm64'] })).not.toBe(before);
    writeFileSync(join(base, 'a', 'one.cpp'), '9');
    const changed = hash();
    expect(changed).not.toBe(before);
    renameSync(join(base, 'a', 'one.cpp'), join(base, 'a', 'won.cpp'));
    expect(new Set([before, changed, hash()]).size).toBe(3);
  });

  it('changes when a boundary between inputs moves', () => {
    expect(contentHash({ base, facts: ['ab', 'c'] })).not.toBe(contentHash({ base, facts: ['a', 'bc'] }));
  });
});

describe('filesUnder', () => {
  it('skips installed packages, unwanted files and missing paths', () => {
    expect(filesUnder([join(base, 'a'), join(base, 'none')], (path) => path.endsWith('.cpp'))).toEqual([
      join(base, 'a', 'one.cpp'),
    ]);
  });
});
