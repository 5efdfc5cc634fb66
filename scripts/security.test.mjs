/** SECURITY.md names existing files and commands, and its tables are complete. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { at, root } from './lib/places.mjs';

const text = readFileSync(at('SECURITY.md'), 'utf8');
const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
/** A path in the checkout. */
const isFile = /^(?:[a-z0-9-]+\/)*[\w.-]+\.(?:ts|tsx|mjs|js|json|md|yml|html|ps1|cpp|h|py)$/;
const files = quoted.filter((name) => isFile.test(name));

test('every file that SECURITY.md names exists', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});

test('every table row has as many cells as its header', () => {
  // A cell may contain an escaped or quoted bar.
  const cells = (/** @type {string} */ line) => line.replaceAll(/`[^`]*`|\\\|/g, '').split('|').length;
  const rows = text.split('\n').map((line, index, lines) => ({ line, above: lines[index - 1] ?? '' }));
  const uneven = rows.filter(
    ({ line, above }) => line.startsWith('|') && above.startsWith('|') && cells(line) !== cells(above),
  );
  expect(uneven.map(({ line }) => line)).toEqual([]);
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

test('package.json pins one version of Electron', () => {
  const { devDependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
});
