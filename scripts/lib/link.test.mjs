import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linkFolder } from './link.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-link-'));
  for (const name of ['old', 'new']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('makes the parent folder of the link', () => {
  const link = join(folder, 'resources', 'qnn');
  linkFolder(link, join(folder, 'new'));
  expect(readlinkSync(link)).toBe(join(folder, 'new'));
});

test('replaces its own older link, and nothing else', () => {
  const link = join(folder, 'link');
  linkFolder(link, join(folder, 'old'));
  linkFolder(link, join(folder, 'new'));
  expect(readlinkSync(link)).toBe(join(folder, 'new'));
  const file = join(folder, 'file');
  writeFileSync(file, 'kept');
  expect(() => linkFolder(file, join(folder, 'new'))).toThrow('did not make');
});
