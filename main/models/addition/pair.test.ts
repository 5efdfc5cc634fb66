import fc from 'fast-check';
import { basename, join, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failure } from '../../engine/errors.ts';
import type { Manifest } from '../../engine/manifest.ts';
import type { Peek } from './candidates.ts';
import type { Layout } from './layout.ts';
import { pair, type Choices, type Pairing, type Reader } from './pair.ts';
import { foundFile, type FoundFile } from './parts.ts';

/** Content by file name, in any folder. */
interface Contents {
  readonly manifests?: Readonly<Record<string, Manifest>>;
  readonly wanted?: readonly string[];
  readonly weights?: Readonly<Record<string, readonly string[]>>;
  /** By path. */
  readonly peeks?: Readonly<Record<string, Peek>>;
  readonly layouts?: Readonly<Record<string, Layout>>;
}

const withSlashes = (path: string): string => path.replaceAll(sep, '/');
const reader = ({ manifests = {}, wanted = [], weights = {}, peeks = {}, layouts = {} }: Contents): Reader => ({
  manifest: (path) => {
    const found = manifests[withSlashes(path)] ?? manifests[basename(path)];
    return found ? Promise.resolve(found) : Promise.reject(failure('model-invalid', { path, reason: 'broken.' }));
  },
  wanted: () => Promise.resolve(wanted),
  weights: (path) => Promise.resolve(weights[basename(path)] ?? []),
  peek: (path) => Promise.resolve(peeks[withSlashes(path)] ?? {}),
  layout: (path) => Promise.resolve(layouts[withSlashes(path)]),
});
const files = (chosen: boolean, ...paths: readonly string[]): readonly FoundFile[] =>
  paths.map((path) => foundFile(join('/', path), chosen));
const named = (...paths: readonly string[]): readonly FoundFile[] => files(true, ...paths);
const inFolder = (...paths: readonly string[]): readonly FoundFile[] => files(false, ...paths);
/** Paths in the expectations have slashes on every system. */
const pairing = async (
  found: readonly FoundFile[],
  contents: Contents = {},
  choices: Choices = {},
): Promise<Pairing> => {
  const own = Object.fromEntries(
    Object.entries(choices).map(([part, paths]) => [part, paths.map((path) => join(path))]),
  ) as Choices;
  const result = await pair(found, own, reader(contents));
  return JSON.parse(JSON.stringify(result), (_, value: unknown) =>
    typeof value === 'string' ? withSlashes(value) : value,
  ) as Pairing;
};
const asked = ({ question }: Pairing): unknown =>
  question && [question.part, ...question.options.map(({ name }) => name)];

const whole = [
  'llama.pte',
  'llama.ptd',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'generation_config.json',
  'wyvern.json',
  'README.md',
] as const;
const manifests = { 'wyvern.json': { name: 'M' } };

test('any order and any layout of the same files make the same bundle', async () => {
  const folders = fc.constantFrom('', 'a', 'a/b', 'downloads', 'ü');
  const layout = fc.tuple(...whole.map(() => folders));
  await fc.assert(
    fc.asyncProperty(layout, fc.shuffledSubarray([...whole], { minLength: whole.length }), async (places, order) => {
      const paths = order.map((name) => join('/', places[whole.indexOf(name)] ?? '', name));
      const result = await pairing(named(...paths), { manifests, wanted: ['w'], weights: { 'llama.ptd': ['w'] } });
      const at = (name: (typeof whole)[number]): string =>
        withSlashes(join('/', places[whole.indexOf(name)] ?? '', name));
      expect(result).toMatchObject({ missing: [] });
      expect(result.paths).toEqual({
        program: at('llama.pte'),
        data: [at('llama.ptd')],
        tokenizer: at('tokenizer.json'),
        tokenizerConfig: at('tokenizer_config.json'),
        chatTemplate: at('chat_template.jinja'),
        generationConfig: at('generation_config.json'),
        manifest: at('wyvern.json'),
      });
    }),
  );
});

test('for any files, the order changes nothing, and the chosen ones were among them', async () => {
  const name = fc.constantFrom(
    'a.pte',
    'b.pte',
    'a.ptd',
    'b.ptd',
    'tokenizer.json',
    'x.model',
    'wyvern.json',
    'notes.txt',
  );
  const path = fc.tuple(fc.constantFrom('a', 'b', 'a/c'), name).map((parts) => join('/', ...parts));
  const set = fc.uniqueArray(fc.record({ path, chosen: fc.boolean() }), {
    selector: (file) => file.path,
    maxLength: 12,
  });
  const contents = { manifests, wanted: ['w'], weights: { 'a.ptd': ['w'], 'b.ptd': ['w', 'v'] } };
  await fc.assert(
    fc.asyncProperty(
      set.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      async ([all, shuffled]) => {
        const of = async (list: typeof all): Promise<Pairing> =>
          await pairing(
            list.map((file) => foundFile(file.path, file.chosen)),
            contents,
          );
        const result = await of(all);
        expect(await of(shuffled)).toEqual(result);
        const known = new Set(all.map((file) => withSlashes(file.path)));
        for (const [, found] of result.found) expect(known.has(found)).toBe(true);
        // No guesses: a whole bundle, a question, or a missing file.
        expect(result.paths !== undefined || result.question !== undefined || result.missing.length > 0).toBe(true);
      },
    ),
  );
});

describe('questions', () => {
  test('which of two programs, unless the person or a manifest names one', async () => {
    const both = ['a.pte', 'b.pte', 'tokenizer.json'];
    expect(asked(await pairing(inFolder(...both)))).toEqual(['program', 'a.pte', 'b.pte']);
    expect(asked(await pairing(named(...both)))).toEqual(['program', 'a.pte', 'b.pte']);
    const one = await pairing([...named('b.pte'), ...inFolder('a.pte', 'tokenizer.json')]);
    expect(one.paths?.program).toBe('/b.pte');
    const said = await pairing(inFolder(...both, 'wyvern.json'), {
      manifests: { 'wyvern.json': { name: 'M', program: 'a.pte' } },
    });
    expect(said.paths).toMatchObject({ program: '/a.pte', manifest: '/wyvern.json' });
    const chosen = await pairing(inFolder(...both), {}, { program: ['/b.pte'] });
    expect(chosen.paths?.program).toBe('/b.pte');
  });

  test('model.pte has no precedence over another program', async () => {
    expect(asked(await pairing(inFolder('model.pte', 'other.pte')))).toEqual(['program', 'model.pte', 'other.pte']);
  });

  test('which of two tokenizers, unless only one is beside the program', async () => {
    expect(asked(await pairing(inFolder('a.pte', 'tokenizer.json', 'tokenizer.model')))).toEqual([
      'tokenizer',
      'tokenizer.json',
      'tokenizer.model',
    ]);
    const beside = await pairing(inFolder('x/a.pte', 'x/tokenizer.json', 'y/tokenizer.json'));
    expect(beside.paths?.tokenizer).toBe('/x/tokenizer.json');
    const brought = await pairing([...named('x/a.pte', 'y/my.model'), ...inFolder('x/tokenizer.json')]);
    expect(brought.paths?.tokenizer).toBe('/y/my.model');
  });

  test('which of two sets of equal weights; shards are one set', async () => {
    const three = ['a.pte', 'x.ptd', 'y.ptd', 'tokenizer.json'];
    const rivals = { wanted: ['v', 'w'], weights: { 'x.ptd': ['v', 'w'], 'y.ptd': ['v', 'w'] } };
    expect(asked(await pairing(inFolder(...three), rivals))).toEqual(['data', 'x.ptd', 'y.ptd']);
    expect((await pairing(inFolder(...three), rivals, { data: ['/y.ptd'] })).paths?.data).toEqual(['/y.ptd']);
    const shards = { wanted: ['v', 'w'], weights: { 'x.ptd': ['v'], 'y.ptd': ['w'] } };
    expect((await pairing(inFolder(...three), shards)).paths?.data).toEqual(['/x.ptd', '/y.ptd']);
    const foreign = { wanted: ['v'], weights: { 'x.ptd': ['v'], 'y.ptd': ['q'] } };
    expect((await pairing(inFolder(...three), foreign)).paths?.data).toEqual(['/x.ptd']);
  });

  test('which of two given chat templates', async () => {
    const two = named('a.pte', 'tokenizer.json', 'x/chat_template.jinja', 'y/chat_template.jinja');
    expect(asked(await pairing(two))).toEqual(['chatTemplate', 'chat_template.jinja', 'chat_template.jinja']);
  });
});

describe('missing files, by name', () => {
  test('a tokenizer, a program, both', async () => {
    expect((await pairing(named('a.pte'))).missing).toEqual([{ part: 'tokenizer' }]);
    expect((await pairing(named('tokenizer.json'))).missing).toEqual([{ part: 'program' }]);
    expect((await pairing(inFolder('tokenizer_config.json'))).missing).toEqual([
      { part: 'program' },
      { part: 'tokenizer' },
    ]);
  });

  test('files in the manifest; a given file with another name replaces one', async () => {
    const manifest = { name: 'M', program: 'p.pte', tokenizer: 'special.json', data: ['w1.ptd', 'w2.ptd'] };
    const contents = { manifests: { 'wyvern.json': manifest } };
    const { missing } = await pairing(inFolder('wyvern.json', 'p.pte'), contents);
    expect(missing).toEqual([
      { part: 'tokenizer', name: 'special.json' },
      { part: 'data', name: 'w1.ptd' },
      { part: 'data', name: 'w2.ptd' },
    ]);
    expect((await pairing(inFolder('wyvern.json'), contents)).missing).toContainEqual({
      part: 'program',
      name: 'p.pte',
    });
    const given = { tokenizer: ['/y/other.json'], data: ['/y/1.ptd', '/y/2.ptd'] };
    const found = [...inFolder('wyvern.json', 'p.pte'), ...named('y/other.json', 'y/1.ptd', 'y/2.ptd')];
    expect((await pairing(found, contents, given)).paths).toMatchObject({
      tokenizer: '/y/other.json',
      data: ['/y/1.ptd', '/y/2.ptd'],
      manifest: '/wyvern.json',
    });
    const whole = inFolder('wyvern.json', 'p.pte', 'special.json', 'w1.ptd', 'w2.ptd', 'tokenizer.model');
    expect((await pairing(whole, contents)).paths).toMatchObject({
      tokenizer: '/special.json',
      data: ['/w1.ptd', '/w2.ptd'],
    });
  });

  test('weights that the program needs', async () => {
    const { missing } = await pairing(named('a.pte', 'tokenizer.json', 'x.ptd'), {
      wanted: ['v', 'w'],
      weights: { 'x.ptd': ['v'] },
    });
    expect(missing).toEqual([{ part: 'data', weight: 'w' }]);
  });
});

test('the ._ files of macOS are ignored', async () => {
  expect((await pairing(inFolder('a.pte', '._a.pte', 'tokenizer.json', '._tokenizer.json'))).paths).toMatchObject({
    program: '/a.pte',
    tokenizer: '/tokenizer.json',
  });
});

test('an unreadable manifest is an error only if it may matter', async () => {
  await expect(pairing(named('a.pte', 'tokenizer.json', 'wyvern.json'))).rejects.toMatchObject({
    code: 'model-invalid',
  });
  const elsewhere = await pairing(inFolder('x/a.pte', 'x/tokenizer.json', 'y/b.txt'));
  expect(elsewhere.paths).toBeDefined();
});
