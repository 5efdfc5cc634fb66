import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isPortableName, isSamePath, nameKey, portableName } from './names.ts';

const devices = ['con', 'CON', 'nul.txt', 'Aux.tar.gz', 'com1', 'LPT9.md', 'com¹', 'conin$', 'CONOUT$', 'prn .txt'];

test.each([
  ...devices,
  '',
  '.',
  '..',
  'a.',
  'a ',
  'a:b',
  'a/b',
  'a\\b',
  'a\u0000',
  'a\ud83d',
  'what?',
  '<a>',
  'a|b',
  '"a"',
  '*',
  'ä'.repeat(128),
])('%j is no name for every system', (name) => expect(isPortableName(name)).toBe(false));

test.each(['a', 'console', 'com', 'com10', 'nulls.txt', '.gitignore', 'ümlaut ワイバーン', 'a.b. c', 'ä'.repeat(127)])(
  '%j is a name for every system',
  (name) => expect(isPortableName(name)).toBe(true),
);

test('a title becomes a name that the disk keeps letter by letter', () => {
  const titles = [
    ...devices,
    'C:\\Windows',
    'a:b',
    '  ..hidden.. ',
    'ends in dots...',
    'x'.repeat(500),
    '龍'.repeat(500),
    '🐉'.repeat(500),
    'half \ud83d',
    '\u202eexe.gpj',
    '???',
    '',
  ];
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-names-'));
  const names = titles.map((title, index) => `${portableName(title, 'Chat')} (${index}).json`);
  for (const name of names) writeFileSync(join(folder, name), name);
  expect(readdirSync(folder).sort()).toEqual(names.toSorted());
  expect(titles.map((title) => portableName(title, 'Chat')).every(isPortableName)).toBe(true);
});

test('titles keep what they can', () => {
  expect(portableName('CON', 'Chat')).toBe('Chat');
  expect(portableName('C:\\Windows\\win.ini', 'Chat')).toBe('C Windows win.ini');
  expect(portableName('  ..What? Why:  ', 'Chat')).toBe('What Why');
  expect(portableName('コンソール', 'Chat')).toBe('コンソール');
});

test('names that differ in case or in the form of their accents are one name', () => {
  expect(nameKey('É.PTE')).toBe(nameKey('e\u0301.pte'));
  expect(nameKey('a.pte')).not.toBe(nameKey('b.pte'));
});

test('Windows and macOS ignore the case of letters in a path, Linux does not', () => {
  expect(isSamePath('C:\\Models\\A.pte', 'c:/models/a.PTE', 'win32')).toBe(true);
  expect(isSamePath('\\\\Server\\share\\a.pte', '\\\\server\\share\\a.pte', 'win32')).toBe(true);
  expect(isSamePath('C:\\a.pte', 'D:\\a.pte', 'win32')).toBe(false);
  expect(isSamePath('/Models/a.pte', '/models/a.pte', 'darwin')).toBe(true);
  expect(isSamePath('/Models/a.pte', '/models/a.pte', 'linux')).toBe(false);
});
