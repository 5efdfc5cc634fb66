import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppFailure } from '../failure.ts';
import { availableMemory, requireMemory } from './memory.ts';

let groups: string;
const group = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(groups, name), text);
};
beforeEach(() => (groups = mkdtempSync(join(tmpdir(), 'wyvern-cgroup-'))));
afterEach(() => rmSync(groups, { recursive: true }));

test('the limit of a container counts, and its file cache counts as free', () => {
  group({
    'memory.max': '3000\n',
    'memory.current': '2000\n',
    'memory.stat': 'anon 1500\ninactive_file 400\nfile 500\n',
  });
  expect(availableMemory({}, groups)).toBe(1400);
});

test('a container above its limit leaves zero bytes, not fewer', () => {
  group({ 'memory.max': '1000', 'memory.current': '2000' });
  expect(availableMemory({}, groups)).toBe(0);
});

test.each([
  ['no control groups', {}],
  ['a group without a limit', { 'memory.max': 'max\n', 'memory.current': '2000\n' }],
])('with %s the system’s own figure holds', (_what, files) => {
  group(files);
  const available = availableMemory({}, groups);
  expect(available).toBeGreaterThan(1e6);
  expect(Math.abs(available - freemem())).toBeLessThan(2e9);
});

test('the environment can set another number', () => {
  expect(availableMemory({ WYVERN_MEMORY: '5000' }, groups)).toBe(5000);
  expect(availableMemory({ WYVERN_MEMORY: '0' }, groups)).toBe(0);
});

test('a model that needs too much is refused with both numbers; one that fits passes', () => {
  expect(() => requireMemory({ fileBytes: 900e6, stateBytes: 100e6 }, 1e9)).not.toThrow();
  const short = (): void => requireMemory({ fileBytes: 900e6, stateBytes: 101e6 }, 1e9);
  expect(short).toThrow(AppFailure);
  expect(short).toThrow(/1,001 MB: 900 MB for its files and 101 MB .* has 1,000 MB free/);
});
