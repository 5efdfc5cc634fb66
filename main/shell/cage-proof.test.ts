import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isCageProven, rememberCageProof } from './cage-proof.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-proof-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the proof holds for the version that gave it', () => {
  expect(isCageProven(folder, '1.0.0')).toBe(false);
  rememberCageProof(folder, '1.0.0');
  expect(isCageProven(folder, '1.0.0')).toBe(true);
  expect(isCageProven(folder, '1.0.1')).toBe(false);
});

test.each(['', '{}', '[]', 'null', '{"appVersion":1}'])('a file with %j proves nothing', (text) => {
  writeFileSync(join(folder, 'cage-proof.json'), text);
  expect(isCageProven(folder, '1.0.0')).toBe(false);
});
