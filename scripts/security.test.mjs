/** SECURITY.md names files that are there, and commands that can be run. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { at, root } from './lib/places.mjs';

const text = readFileSync(at('SECURITY.md'), 'utf8');
const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
/** Rooms, and what lies beside them. */
const isFile = /^(?:[a-z0-9-]+\/)*[\w.-]+\.(?:ts|tsx|mjs|js|json|md|yml|html|ps1|cpp|h|py)$/;
const files = quoted.filter((name) => isFile.test(name));

test('every file that SECURITY.md names exists', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});

test('every command that SECURITY.md names is one of the package’s', () => {
  const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const commands = quoted.flatMap((name) => {
    const [, command = ''] = /^npm (?:run (?:-s )?)?([\w:-]+)/.exec(name) ?? [];
    return command === '' ? [] : [command];
  });
  expect(commands.length).toBeGreaterThan(3);
  expect(commands.filter((command) => !(command in scripts))).toEqual([]);
  const specs = quoted.flatMap((name) => /^npx (?:playwright test|vitest run) (\S+)$/.exec(name)?.[1] ?? []);
  expect(specs.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('all twenty items of Electron’s checklist are in the table, each with a file and a test', () => {
  const rows = text.split('\n').filter((line) => /^\| +\d+ +\|/.test(line));
  expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  for (const row of rows) {
    const [, , , by = '', shown = ''] = row.split('|');
    expect(by, row).toMatch(/`[^`]+`/);
    expect(shown, row).toMatch(/`[^`]+\.(test|spec)\.(ts|mjs)`/);
  }
});

test('one Electron is meant, not a range of them', () => {
  const { devDependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
});
