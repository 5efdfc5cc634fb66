import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GenerationOverrides } from '../../preload/contract.ts';
import { Presets } from './presets.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';

let folder: string;
let store: Store;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-presets-'));
  store = openStore(join(folder, 'store', 'wyvern.sqlite'));
  file = join(folder, 'presets.json');
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function presets(): Presets {
  return new Presets({
    table: store.presets,
    transaction: store.transaction,
    chooseSave: () => Promise.resolve(file),
    chooseFile: () => Promise.resolve(file),
  });
}

const names = (): readonly string[] =>
  presets()
    .list()
    .map(({ name }) => name);

const settings: fc.Arbitrary<GenerationOverrides> = fc.record(
  {
    systemPrompt: fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    temperature: fc.double({ min: 0, max: 5, noNaN: true }).map((value) => value + 0),
    topK: fc.nat(1_000_000),
    topP: fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true }),
    minP: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((value) => value + 0),
    repetitionPenalty: fc.double({ min: 0, max: 10, minExcluded: true, noNaN: true }),
    maxTokens: fc.nat(1_000_000),
    seed: fc.option(fc.maxSafeNat()),
    stopStrings: fc.array(fc.string({ minLength: 1, maxLength: 200 }), { maxLength: 16 }),
  },
  { requiredKeys: [] },
);

describe('presets', () => {
  test('are renamed; a taken name gets a number, in any case', () => {
    presets().save({ id: 'a', name: 'Short', settings: { maxTokens: 4 } });
    presets().save({ id: 'b', name: 'Cold', settings: { temperature: 0 } });
    expect(presets().rename('b', 'sHORT')).toMatchObject({ name: 'sHORT 2' });
    expect(presets().rename('b', 'SHORT')).toMatchObject({ name: 'SHORT 2' });
    expect(presets().rename('b', 'Frozen')).toMatchObject({ name: 'Frozen' });
    expect(presets().rename('a', 'SHORT')).toMatchObject({ name: 'SHORT' });
    expect(presets().list()).toEqual([
      { id: 'b', name: 'Frozen', settings: { temperature: 0 } },
      { id: 'a', name: 'SHORT', settings: { maxTokens: 4 } },
    ]);
    expect(() => presets().rename('gone', 'Any')).toThrow(expect.objectContaining({ name: 'AppFailure' }) as Error);
    expect(names()).toEqual(['Frozen', 'SHORT']);
  });

  test('survive export and import unchanged, for all valid presets', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(settings, { minLength: 1, maxLength: 6 }), async (all) => {
        for (const preset of presets().list()) presets().delete(preset.id);
        for (const [index, one] of all.entries()) {
          presets().save({ id: `p${index}`, name: `Préset ${index}`, settings: one });
        }
        const before = presets()
          .list()
          .map(({ name, settings: kept }) => ({ name, settings: kept }));
        expect(await presets().export(undefined)).toEqual({ path: file, presets: all.length });
        for (const preset of presets().list()) presets().delete(preset.id);
        const after = await presets().import();
        expect(after?.presets.map(({ name, settings: kept }) => ({ name, settings: kept }))).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  test('a second import adds nothing; a name with other settings gets a number, and the result says so', async () => {
    presets().save({ id: 'a', name: 'Short', settings: { maxTokens: 4 } });
    await presets().export('a');
    expect(await presets().import()).toMatchObject({ added: 0, known: 1, renamed: [] });
    presets().save({ id: 'a', name: 'Short', settings: { maxTokens: 8 } });
    expect(await presets().import()).toMatchObject({
      added: 1,
      known: 0,
      renamed: [{ from: 'Short', to: 'Short 2' }],
    });
    expect(names()).toEqual(['Short', 'Short 2']);
    expect(presets().list()).toMatchObject([{ settings: { maxTokens: 8 } }, { settings: { maxTokens: 4 } }]);
  });

  test('two presets with one name in a file are both kept', async () => {
    const list = [1, 2, 2].map((maxTokens) => ({ name: 'Same', settings: { maxTokens } }));
    writeFileSync(file, JSON.stringify({ format: 'wyvern-presets', version: 1, presets: list }));
    expect(await presets().import()).toMatchObject({ added: 2, known: 1 });
    expect(names()).toEqual(['Same', 'Same 2']);
  });

  test('one is exported under its name', async () => {
    presets().save({ id: 'a', name: 'A/b', settings: {} });
    presets().save({ id: 'b', name: 'Other', settings: {} });
    expect(await presets().export('a')).toEqual({ path: file, presets: 1 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      format: 'wyvern-presets',
      version: 1,
      presets: [{ name: 'A/b', settings: {} }],
    });
    await expect(presets().export('gone')).rejects.toMatchObject({ error: { code: 'preset-not-found' } });
  });

  const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
    'UTF-8 with a byte order mark': (text) => Buffer.from(`\ufeff${text}`),
    'UTF-16 with a byte order mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    'UTF-16, big-endian, with a byte order mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    'UTF-16 without a mark': (text) => Buffer.from(text, 'utf16le'),
  };
  test.each(Object.entries(encodings))('a file in %s, with CRLF, is read', async (_, encode) => {
    const list = [{ name: 'Größe 🌊', settings: { systemPrompt: 'Kürzer, bitte.' } }];
    const text = JSON.stringify({ format: 'wyvern-presets', version: 1, presets: list }, undefined, 2);
    writeFileSync(file, encode(text.replaceAll('\n', '\r\n')));
    expect(await presets().import()).toMatchObject({ added: 1 });
    expect(presets().list()).toMatchObject(list);
  });

  test('a file in another encoding is refused with the reason', async () => {
    writeFileSync(file, Buffer.from('{"format":"wyvern-presets","name":"Gr\xf6\xdfe"}', 'latin1'));
    await expect(presets().import()).rejects.toMatchObject({
      error: { code: 'presets-unreadable', message: expect.stringContaining('UTF-8 or UTF-16') as string },
    });
  });

  const wrap = (presetList: unknown, more: object = {}): string =>
    JSON.stringify({ format: 'wyvern-presets', version: 1, presets: presetList, ...more });
  const hostile: Readonly<Record<string, string>> = {
    'no JSON': 'nothing',
    'cut short': wrap([{ name: 'a', settings: {} }]).slice(0, -3),
    'another format': JSON.stringify({ format: 'wyvern-chats', version: 1, chats: [] }),
    'a later version': wrap([], { version: 2 }),
    'a list alone': '[]',
    'nested without end': '['.repeat(100_000) + ']'.repeat(100_000),
    'a wrong value': wrap([
      { name: 'good', settings: {} },
      { name: 'bad', settings: { temperature: 99 } },
    ]),
    'a name too long': wrap([{ name: 'x'.repeat(201), settings: {} }]),
    'a name of white space': wrap([{ name: '  ', settings: {} }]),
    'too many': wrap(Array.from({ length: 1001 }, (_, index) => ({ name: `p${index}`, settings: {} }))),
    'too large': wrap([], { padding: 'x'.repeat(5_000_000) }),
  };
  test.each(Object.entries(hostile))('a file that is %s is refused and adds no preset', async (_, text) => {
    writeFileSync(file, text);
    await expect(presets().import()).rejects.toMatchObject({
      error: { code: 'presets-unreadable', message: expect.stringContaining('presets.json') as string },
    });
    expect(names()).toEqual([]);
  });

  test('keys of Object.prototype are no settings', async () => {
    const text = '{"format":"wyvern-presets","version":1,"presets":[{"name":"a","settings":{"__proto__":{"topK":1}}}]}';
    writeFileSync(file, text);
    const [preset] = (await presets().import())?.presets ?? [];
    expect(preset?.settings.topK).toBeUndefined();
    expect(Object.keys(preset?.settings ?? {})).toEqual([]);
    await presets().export(undefined);
    expect(readFileSync(file, 'utf8')).toContain('"settings": {}');
  });
});
