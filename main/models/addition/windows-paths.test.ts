/** Paths and names as Windows has them: other capitals, shares, the form for long paths, devices. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { toAppError } from '../../app-error.ts';
import { testUnless } from '../../testing/test-unless.ts';
import { gather } from './gather.ts';
import { filesNamed, foundFile } from './parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-windows-'));
const onlyWindows = process.platform === 'win32' ? undefined : 'only Windows has such paths';

test('names in other capitals are the same parts', () => {
  const partOf = (...path: readonly string[]): unknown => foundFile(join(folder, ...path), true).part;
  expect(partOf('MODEL.PTE')).toBe('program');
  expect(partOf('Tokenizer.JSON')).toBe('tokenizer');
  expect(partOf('Wyvern.Json')).toBe('manifest');
  expect(partOf('Additional_Chat_Templates', 'Default.JINJA')).toBe('additionalTemplates');
});

test('a name in a manifest means the file with exactly this name, else the one in other capitals', () => {
  const [lower, upper] = [foundFile('/a/model.pte', false), foundFile('/a/MODEL.pte', false)];
  expect(filesNamed([lower, upper], 'MODEL.pte')).toEqual([upper]);
  expect(filesNamed([lower], 'Model.PTE')).toEqual([lower]);
  expect(filesNamed([lower], 'other.pte')).toEqual([]);
  expect(filesNamed([lower], undefined)).toEqual([]);
});

test('files in a folder with a path of more than 260 characters are found', async () => {
  let deep = folder;
  while (deep.length < 300) deep = join(deep, 'ein langer Ordnername ü');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'model.pte'), '');
  expect((await gather([deep])).files.map(({ name }) => name)).toEqual(['model.pte']);
});

testUnless(onlyWindows, 'a path in the form for long paths is the same file', async () => {
  writeFileSync(join(folder, 'model.pte'), '');
  const {
    files: [found],
  } = await gather([`\\\\?\\${join(folder, 'model.pte')}`]);
  expect(found).toMatchObject({ name: 'model.pte', part: 'program', chosen: true });
});

testUnless(onlyWindows, 'a share keeps its name', () => {
  const { path, name, folder: parent } = foundFile('\\\\server\\share\\models\\model.pte', true);
  expect([basename(path), name, parent]).toEqual(['model.pte', 'model.pte', '\\\\server\\share\\models']);
  expect(dirname('\\\\server\\share\\')).toBe('\\\\server\\share\\');
});

testUnless(onlyWindows, 'a share and a drive that are not there are said so', async () => {
  for (const path of ['\\\\no-such-server\\share\\model.pte', 'Q:\\model.pte']) {
    expect(await gather([path]).catch(toAppError)).toMatchObject({ code: 'files-not-found' });
  }
});
