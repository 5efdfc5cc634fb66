import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownFolder } from './app.ts';

test('chats of earlier versions move to the folder with the app’s name, and never replace others', () => {
  const parent = mkdtempSync(join(tmpdir(), 'wyvern-own-folder-'));
  mkdirSync(join(parent, 'earlier'));
  writeFileSync(join(parent, 'earlier', 'chats'), 'kept');
  const folder = ownFolder(parent, 'Own', 'earlier');
  expect(readFileSync(join(folder, 'chats'), 'utf8')).toBe('kept');
  expect(existsSync(join(parent, 'earlier'))).toBe(false);
  mkdirSync(join(parent, 'earlier'));
  expect(readFileSync(join(ownFolder(parent, 'Own', 'earlier'), 'chats'), 'utf8')).toBe('kept');
  expect(existsSync(join(parent, 'earlier'))).toBe(true);
  rmSync(parent, { recursive: true });
});
