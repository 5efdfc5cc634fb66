import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBundle } from './bundle-finder.ts';
import { toAppError } from './failure.ts';

const tinyLlama = resolve(import.meta.dirname, '../e2e/fixtures/tiny-llama');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern drop ü '));
  cpSync(tinyLlama, join(folder, 'model'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'notes.txt'), 'Buy milk');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (): string => join(folder, 'model', 'model.pte');

test.each([
  ['its folder', ['model']],
  ['its program', ['model/model.pte']],
  ['its tokenizer', ['model/tokenizer.model']],
  ['all of it, the program last', ['model/tokenizer.model', 'model/wyvern.json', 'model/model.pte']],
  ['a text file beside its folder', ['notes.txt', 'model']],
])('a model is found by %s', async (_what, names) => {
  const found = await findBundle(names.map((name) => join(folder, name)));
  expect(found.paths.program).toBe(program());
  expect(found.paths.tokenizer).toBe(join(folder, 'model', 'tokenizer.model'));
  expect(found.name).toBe('Tiny wyvern (test model)');
  expect(found.sampling.temperature).toBe(0);
  expect(found.bytes).toBe(statSync(program()).size + statSync(found.paths.tokenizer).size);
});

test.each([
  ['a file that is none', ['notes.txt'], 'model-not-recognised'],
  ['an empty folder', ['empty'], 'bundle-incomplete'],
  ['a file that has gone', ['gone.txt'], 'files-not-found'],
  ['a program that has gone', ['gone.pte'], 'model-not-found'],
])('%s is refused with a sentence and a next step', async (_what, names, code) => {
  const failure = await findBundle(names.map((name) => join(folder, name))).catch(toAppError);
  expect(failure).toMatchObject({ code, message: expect.any(String) as unknown, hint: expect.any(String) as unknown });
});

test('a model without its tokenizer says which file is missing', async () => {
  rmSync(join(folder, 'model', 'tokenizer.model'));
  rmSync(join(folder, 'model', 'wyvern.json'));
  const failure = await findBundle([program()]).catch(toAppError);
  expect(failure).toMatchObject({
    code: 'bundle-incomplete',
    message: expect.stringContaining('tokenizer') as unknown,
  });
});
