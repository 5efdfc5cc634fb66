import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Language, longestPrompt, mostPrompts } from '../../preload/contract/values.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { Prompts } from './prompts.ts';
import { starterKeys } from './starter-prompts.ts';

let folder: string;
let store: Store;
let language: Language;
let chosen: string | undefined;
let clipboard: string;
let prompts: Prompts;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-prompts-'));
  store = openStore(join(folder, 'store.sqlite'));
  language = 'en';
  clipboard = '';
  chosen = join(folder, 'prompts.json');
  prompts = makePrompts(store);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function makePrompts(of: Store): Prompts {
  return new Prompts({
    table: of.prompts,
    flags: of.settings,
    transaction: of.transaction,
    language: () => language,
    chooseSave: () => Promise.resolve(chosen),
    chooseFile: () => Promise.resolve(chosen),
    readClipboard: () => Promise.resolve(clipboard),
  });
}

const names = (): readonly string[] => prompts.list().map(({ name }) => name);
const write = (value: unknown): void => writeFileSync(chosen ?? '', JSON.stringify(value));
const file = (list: readonly unknown[]): object => ({ format: 'wyvern-prompts', version: 1, prompts: list });

/** A library without starter prompts. */
function empty(): void {
  for (const { id } of prompts.list()) prompts.delete(id);
}

describe('starter prompts', () => {
  test('are ten, in the language of the window, also after a change of it', () => {
    expect(names()).toHaveLength(10);
    expect(names()[0]).toBe('Summarise');
    language = 'de';
    expect(names()[0]).toBe('Zusammenfassen');
    language = 'zh';
    expect(names()[0]).toBe('总结');
  });

  test('have the same built-in variables in each language', () => {
    const builtIn = (): readonly (readonly string[])[] =>
      prompts.list().map(({ text }) => text.match(/\{\{(?:clipboard|date|selection)\}\}/g) ?? []);
    const english = builtIn();
    for (const other of ['de', 'zh'] as const) {
      language = other;
      expect(builtIn()).toEqual(english);
    }
  });

  test('stay deleted, and can be added again', () => {
    const [first] = prompts.list();
    prompts.delete(first!.id);
    store.close();
    store = openStore(join(folder, 'store.sqlite'));
    prompts = makePrompts(store);
    expect(names()).toHaveLength(9);
    expect(prompts.addStarters().map(({ name }) => name)).toEqual([...names()]);
    expect(names()).toHaveLength(starterKeys.length);
    expect(names().at(-1)).toBe('Summarise');
  });

  test('keep their language once the person has changed them', () => {
    const [first] = prompts.list();
    prompts.save({ ...first!, text: 'Briefly: {{selection}}' });
    language = 'de';
    expect(prompts.list()[0]).toEqual({ id: first!.id, name: 'Summarise', text: 'Briefly: {{selection}}' });
  });
});

describe('the library', () => {
  test('keeps its order: new ones at the end, moved ones at their place, restored ones where they were', () => {
    empty();
    for (const id of ['a', 'b', 'c']) prompts.save({ id, name: id.toUpperCase(), text: id });
    expect(names()).toEqual(['A', 'B', 'C']);
    prompts.move('c', 0);
    expect(names()).toEqual(['C', 'A', 'B']);
    prompts.delete('a');
    prompts.save({ id: 'a', name: 'A', text: 'a', at: 1 });
    expect(names()).toEqual(['C', 'A', 'B']);
    prompts.move('c', 99);
    expect(names()).toEqual(['A', 'B', 'C']);
    expect(() => prompts.move('x', 0)).toThrow('no longer exists');
  });

  test('a taken name gets a number', () => {
    empty();
    prompts.save({ id: 'a', name: 'Letter', text: 'x' });
    prompts.save({ id: 'b', name: 'letter', text: 'y' });
    expect(names()).toEqual(['Letter', 'letter 2']);
  });

  test('is full at its limit, and an old prompt can still be changed', () => {
    empty();
    store.transaction(() => {
      for (let index = 0; index < mostPrompts; index++)
        store.prompts.save({ id: `p${index}`, name: `Prompt ${index}`, text: 'x' });
    });
    expect(() => prompts.save({ id: 'more', name: 'More', text: 'x' })).toThrow('at most');
    prompts.save({ id: 'p3', name: 'Prompt 3', text: 'changed' });
    expect(prompts.list()[3]).toMatchObject({ text: 'changed' });
  });

  test('is in a backup and comes back with it', async () => {
    empty();
    prompts.save({ id: 'a', name: 'A', text: 'a' });
    await store.backups.make('person');
    prompts.delete('a');
    const [backup] = store.backups.list();
    await store.backups.restore(backup!.id);
    expect(names()).toEqual(['A']);
  });
});

describe('files', () => {
  test('survive export and import, for all valid prompts', async () => {
    const prompt = fc.record({
      name: fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).map((name) => `n${name}`.trim().slice(0, 100)),
      text: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
    });
    const lists = fc.uniqueArray(prompt, { maxLength: 8, selector: ({ name }) => name.toLowerCase() });
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        empty();
        for (const [index, one] of list.entries()) prompts.save({ id: `p${index}`, ...one });
        const before = prompts.list().map(({ name, text }) => ({ name, text }));
        if (before.length === 0) return;
        await prompts.export();
        empty();
        await prompts.import();
        expect(prompts.list().map(({ name, text }) => ({ name, text }))).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  test('a second import adds nothing, and a taken name gets a number', async () => {
    empty();
    write(file([{ name: 'A', text: 'a' }]));
    expect(await prompts.import()).toMatchObject({ added: 1, known: 0 });
    expect(await prompts.import()).toMatchObject({ added: 0, known: 1 });
    write(file([{ name: 'A', text: 'other' }]));
    expect(await prompts.import()).toMatchObject({ added: 1, renamed: [{ from: 'A', to: 'A 2' }] });
  });

  test('unknown fields of a prompt are left out', async () => {
    empty();
    write(file([{ name: 'A', text: 'a', id: '../../x', starter: 'plan', position: -1 }]));
    await prompts.import();
    await prompts.export();
    expect(JSON.parse(readFileSync(chosen!, 'utf8'))).toEqual(file([{ name: 'A', text: 'a' }]));
  });

  test.each([
    ['no JSON', '{"format":'],
    ['another format', JSON.stringify({ format: 'wyvern-presets', version: 1, presets: [] })],
    ['a later version', JSON.stringify({ format: 'wyvern-prompts', version: 2, prompts: [] })],
    ['a list', '[]'],
    ['null', 'null'],
    ['an empty name', JSON.stringify(file([{ name: ' ', text: 'a' }]))],
    ['an empty text', JSON.stringify(file([{ name: 'A', text: '' }]))],
    ['a number as text', JSON.stringify(file([{ name: 'A', text: 1 }]))],
    ['a text that is too long', JSON.stringify(file([{ name: 'A', text: 'x'.repeat(longestPrompt + 1) }]))],
    ['a name that is too long', JSON.stringify(file([{ name: 'x'.repeat(101), text: 'a' }]))],
    [
      'too many prompts',
      JSON.stringify(file(Array.from({ length: mostPrompts + 1 }, () => ({ name: 'A', text: 'a' })))),
    ],
    ['one wrong prompt after a right one', JSON.stringify(file([{ name: 'A', text: 'a' }, { name: 'B' }]))],
    ['100,000 levels', `{"format":"wyvern-prompts","version":1,"prompts":${'['.repeat(100_000)}`],
    ['bytes of no text', '\0\u0001\u0002'],
    ['nothing', ''],
  ])('%s is refused with the name of the file, and nothing is added', async (_what, content) => {
    const before = prompts.list();
    writeFileSync(chosen!, content);
    await expect(prompts.import()).rejects.toMatchObject({ error: { code: 'prompts-unreadable' } });
    await expect(prompts.import()).rejects.toThrow('“prompts.json” was not imported');
    expect(prompts.list()).toEqual(before);
  });

  test('a file with more prompts than there is room for adds none', async () => {
    const before = prompts.list();
    write(file(Array.from({ length: mostPrompts }, (_, index) => ({ name: `P${index}`, text: 'x' }))));
    await expect(prompts.import()).rejects.toMatchObject({ error: { code: 'prompts-full' } });
    expect(prompts.list()).toEqual(before);
  });

  test('cancelling changes nothing', async () => {
    chosen = undefined;
    expect(await prompts.import()).toBeUndefined();
    expect(await prompts.export()).toBeUndefined();
  });
});

test('a clipboard with more text than a message holds is refused', async () => {
  clipboard = 'x'.repeat(1_000_000);
  expect(await prompts.clipboard()).toHaveLength(1_000_000);
  clipboard += 'x';
  await expect(prompts.clipboard()).rejects.toMatchObject({ error: { code: 'clipboard-too-long' } });
});
