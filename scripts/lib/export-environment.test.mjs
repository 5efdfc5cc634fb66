import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { pythonOfExport } from './export-environment.mjs';
import { Failure } from './failure.mjs';
import { pythonOf } from './places.mjs';

test('without the environment with torch it names the command that makes it', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'wyvern-export-')), '.venv-export');
  expect(() => pythonOfExport(folder)).toThrow(Failure);
  try {
    pythonOfExport(folder);
  } catch (error) {
    expect(error instanceof Failure ? error.report() : '').toContain('npm run setup:export');
  }
});

test('with it its Python is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-export-'));
  const python = pythonOf(folder);
  mkdirSync(dirname(python), { recursive: true });
  writeFileSync(python, '');
  expect(pythonOfExport(folder)).toBe(python);
});
