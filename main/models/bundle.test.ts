import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineFailure } from '../engine/errors.ts';
import { dataHead, defaultFolder, fixtureFolder, onePieceModel, programHead } from '../engine/testing/bundles.ts';
import { lfsPointer } from '../testing/repositories.ts';
import { resolveBundle, type BundleOptions } from './bundle.ts';
import { verifyBundle } from './verify.ts';

/** A new folder with these files; programs and weights get a valid header. */
function folderWith(files: Readonly<Record<string, string | Uint8Array | undefined>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern bundle ü-'));
  for (const [name, content] of Object.entries(files)) {
    const standard = name.endsWith('.pte') ? programHead() : name.endsWith('.ptd') ? dataHead() : onePieceModel;
    writeFileSync(join(folder, name), content ?? standard);
  }
  return folder;
}

const manifest = (value: object): string => JSON.stringify({ name: 'M', ...value });

async function failureOf(path: string | undefined, environment: NodeJS.ProcessEnv = {}): Promise<object | undefined> {
  try {
    await resolveBundle(path, environment);
    return undefined;
  } catch (error) {
    if (error instanceof EngineFailure) return { ...error.toError() };
    throw error;
  }
}

describe('finding a bundle', () => {
  test('the fixture by its folder and by its program', async () => {
    for (const path of [fixtureFolder, join(fixtureFolder, 'model.pte')]) {
      expect(await resolveBundle(path)).toMatchObject({
        folder: fixtureFolder,
        manifest: { name: 'Tiny wyvern (test model)' },
        paths: {
          program: join(fixtureFolder, 'model.pte'),
          data: [],
          tokenizer: join(fixtureFolder, 'tokenizer.model'),
          manifest: join(fixtureFolder, 'wyvern.json'),
        },
      });
    }
  });

  test('without a path: WYVERN_MODEL, else the model of set-up', async () => {
    expect((await resolveBundle(undefined, { WYVERN_MODEL: fixtureFolder })).folder).toBe(fixtureFolder);
    expect(await resolveBundle(undefined, {})).toMatchObject({
      folder: defaultFolder,
      paths: {
        data: [join(defaultFolder, 'model.ptd')],
        tokenizer: join(defaultFolder, 'tokenizer.json'),
        tokenizerConfig: join(defaultFolder, 'tokenizer_config.json'),
      },
    });
  });

  test('a program without a manifest finds the usual names beside it, in a folder with spaces and umlauts', async () => {
    const folder = folderWith({
      'llama.pte': undefined,
      'llama.ptd': undefined,
      'tokenizer.json': '{}',
      'tokenizer_config.json': '{}',
      'chat_template.jinja': '',
      'generation_config.json': '{}',
      'notes.txt': 'x',
    });
    const { paths } = await resolveBundle(folder);
    expect(
      Object.fromEntries(
        Object.entries(paths).map(([key, path]: [string, unknown]) => [
          key,
          [path].flat().map((p) => basename(String(p))),
        ]),
      ),
    ).toEqual({
      program: ['llama.pte'],
      data: ['llama.ptd'],
      tokenizer: ['tokenizer.json'],
      tokenizerConfig: ['tokenizer_config.json'],
      chatTemplate: ['chat_template.jinja'],
      generationConfig: ['generation_config.json'],
    });
  });

  test('recommended sampling: from the manifest, else from generation_config.json', async () => {
    const files = { 'model.pte': undefined, 'tokenizer.model': undefined };
    const config = JSON.stringify({ do_sample: true, temperature: 0.6, top_p: 0.9, top_k: null, eos_token_id: [1, 2] });
    const recommended = { temperature: 0.6, topP: 0.9 };
    expect((await resolveBundle(folderWith({ ...files, 'generation_config.json': config }))).sampling).toEqual(
      recommended,
    );
    const both = { ...files, 'generation_config.json': config, 'wyvern.json': manifest({ sampling: { topK: 5 } }) };
    expect((await resolveBundle(folderWith(both))).sampling).toEqual({ topK: 5 });
    expect((await resolveBundle(folderWith(files))).sampling).toEqual({});
  });

  test('each of two programs takes the weights with its name, and the manifest only if that covers it', async () => {
    const folder = folderWith({
      'a.pte': undefined,
      'a.ptd': undefined,
      'b.pte': undefined,
      'b.ptd': undefined,
      'tokenizer.model': undefined,
      'wyvern.json': manifest({ program: 'a.pte', data: ['a.ptd'] }),
    });
    expect((await resolveBundle(folder)).paths).toMatchObject({
      program: join(folder, 'a.pte'),
      data: [join(folder, 'a.ptd')],
    });
    const other = await resolveBundle(join(folder, 'b.pte'));
    expect(other.paths).toMatchObject({ program: join(folder, 'b.pte'), data: [join(folder, 'b.ptd')] });
    expect(other.manifest).toBeUndefined();
  });
});

describe('refusals, by name', () => {
  test('a missing path; a default model that was not made', async () => {
    const missing = resolve('/no/such/model');
    expect(await failureOf(missing)).toMatchObject({
      code: 'model-not-found',
      message: expect.stringContaining(missing) as string,
    });
    expect(await failureOf(undefined, { WYVERN_MODEL: missing })).toMatchObject({ code: 'model-not-found' });
  });

  test.each([
    ['an empty folder', {}, ['a program (.pte)', 'its tokenizer (tokenizer.json or tokenizer.model)']],
    ['no tokenizer', { 'model.pte': undefined }, ['its tokenizer (tokenizer.json or tokenizer.model)']],
    ['no program', { 'tokenizer.model': undefined }, ['a program (.pte)']],
    [
      'missing weights',
      { 'model.pte': undefined, 'tokenizer.model': undefined, 'wyvern.json': manifest({ data: ['w.ptd'] }) },
      ['w.ptd'],
    ],
    [
      'a missing tokenizer of the manifest',
      { 'model.pte': undefined, 'wyvern.json': manifest({ tokenizer: 'special.json' }) },
      ['special.json'],
    ],
  ] as const)('%s', async (_, files, missing) => {
    const error = await failureOf(folderWith(files));
    expect(error).toMatchObject({ code: 'bundle-incomplete', hint: expect.any(String) as string });
    for (const part of missing) expect(error).toMatchObject({ message: expect.stringContaining(part) as string });
  });

  test('a folder with several programs, none of them called model.pte', async () => {
    const folder = folderWith({ 'a.pte': undefined, 'b.pte': undefined, 'tokenizer.model': undefined });
    expect(await failureOf(folder)).toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('a.pte, b.pte') as string,
    });
  });

  test.each([
    ['no JSON', '{'],
    ['without a name', '{}'],
    ['leaving the folder', manifest({ program: '../other/model.pte' })],
    ['leaving it on Windows', manifest({ tokenizer: '..\\tokenizer.json' })],
    ['nested without end', `{"name":${'['.repeat(100)}${']'.repeat(100)}}`],
    ['of the wrong types', manifest({ stopTokens: 'x' })],
  ])('a manifest %s', async (_, text) => {
    const folder = folderWith({ 'model.pte': undefined, 'tokenizer.model': undefined, 'wyvern.json': text });
    expect(await failureOf(folder)).toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('wyvern.json') as string,
    });
  });

  test('unknown keys in a manifest belong to a newer Wyvern and are ignored', async () => {
    const folder = folderWith({
      'model.pte': undefined,
      'tokenizer.model': undefined,
      'wyvern.json': manifest({ somethingNew: { a: 1 } }),
    });
    expect(await failureOf(folder)).toBeUndefined();
  });

  test('weights that the program needs and no file has, before anything is loaded', async () => {
    const source = join(fixtureFolder, '../contract-a');
    const files = {
      'separate-data.pte': readFileSync(join(source, 'separate-data.pte')),
      'tokenizer.model': undefined,
    };
    expect(await failureOf(folderWith(files))).toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining('from a .ptd file') as string,
    });
    expect(await failureOf(folderWith({ ...files, 'other.ptd': undefined }))).toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining('layers.0.attention_norm.weight') as string,
    });
    const weights = readFileSync(join(source, 'separate-data.ptd'));
    expect(await failureOf(folderWith({ ...files, 'separate-data.ptd': weights }))).toBeUndefined();
  });

  test('another file than a program; truncated weights; a folder called like a program', async () => {
    const folder = folderWith({
      'model.pte': undefined,
      'model.ptd': dataHead(4096).subarray(0, 1000),
      'tokenizer.model': undefined,
    });
    expect(await failureOf(folder)).toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('model.ptd') as string,
    });
    expect(await failureOf(join(folder, 'tokenizer.model'))).toMatchObject({ code: 'model-invalid' });
    const odd = join(folder, 'folder.pte');
    mkdirSync(odd);
    expect(await failureOf(odd)).toMatchObject({ code: 'bundle-incomplete' });
  });
});

test('hashes are compared on request', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-verify-'));
  cpSync(fixtureFolder, folder, { recursive: true });
  const all = await verifyBundle(await resolveBundle(folder));
  expect(all).toEqual([
    { file: 'model.pte', matches: true },
    { file: 'tokenizer.model', matches: true },
  ]);
  writeFileSync(join(folder, 'tokenizer.model'), onePieceModel);
  expect(await verifyBundle(await resolveBundle(folder))).toContainEqual({ file: 'tokenizer.model', matches: false });
  const bundle = await resolveBundle(folder);
  rmSync(join(folder, 'tokenizer.model'));
  await expect(verifyBundle(bundle)).rejects.toMatchObject({ code: 'model-unreadable' });
});

test('a GGUF file is no bundle yet, and the error names the command that makes one', async () => {
  const folder = folderWith({ 'tiny.gguf': 'GGUF' });
  expect(await failureOf(join(folder, 'tiny.gguf'))).toMatchObject({
    code: 'option-invalid',
    hint: expect.stringContaining('wyvern prepare') as unknown,
  });
});

test('names eight of two hundred programs, and counts the rest', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `m${index}.pte`);
  const folder = folderWith(Object.fromEntries(names.map((name) => [name, undefined])));
  await expect(resolveBundle(folder)).rejects.toThrow(/: m0\.pte, m1\.pte.*m7\.pte and 192 more\.$/);
});

describe('the tokenizer of an export without one', () => {
  const options = (tokenizer: string): readonly [NodeJS.ProcessEnv, BundleOptions] => [{}, { tokenizer }];
  const exported = (): string => folderWith({ 'model.pte': undefined });
  const own = (): string =>
    folderWith({
      'tokenizer.model': undefined,
      'tokenizer_config.json': '{}',
      'generation_config.json': '{}',
      'config.json': '{}',
      'model.safetensors': 'x',
    });

  test('is the one in the named folder, with the files beside it', async () => {
    const [program, model] = [exported(), own()];
    for (const place of [program, join(program, 'model.pte')]) {
      for (const tokenizer of [model, join(model, 'tokenizer.model'), relative(process.cwd(), model)]) {
        expect((await resolveBundle(place, ...options(tokenizer))).paths).toEqual({
          program: join(program, 'model.pte'),
          data: [],
          tokenizer: join(model, 'tokenizer.model'),
          tokenizerConfig: join(model, 'tokenizer_config.json'),
          generationConfig: join(model, 'generation_config.json'),
          config: join(model, 'config.json'),
        });
      }
    }
  });

  test('replaces the one beside the program, also one that a manifest names', async () => {
    const model = own();
    const whole = folderWith({
      'model.pte': undefined,
      'tokenizer.json': '{}',
      'wyvern.json': manifest({ tokenizer: 'tokenizer.json' }),
    });
    const { paths } = await resolveBundle(whole, ...options(model));
    expect(paths.tokenizer).toBe(join(model, 'tokenizer.model'));
  });

  test('comes without the manifest of another model', async () => {
    const other = folderWith({
      'model.pte': undefined,
      'tokenizer.model': undefined,
      'wyvern.json': manifest({ program: 'model.pte', data: ['model.ptd'] }),
    });
    const { paths } = await resolveBundle(exported(), ...options(other));
    expect([paths.tokenizer, paths.manifest, paths.data]).toEqual([join(other, 'tokenizer.model'), undefined, []]);
  });

  test('is asked for with the name of the option', async () => {
    expect(await failureOf(exported())).toMatchObject({
      code: 'bundle-incomplete',
      hint: expect.stringContaining('--tokenizer FOLDER') as string,
    });
  });

  test.each<readonly [string, () => string, RegExp]>([
    ['a place where nothing is', () => join(tmpdir(), 'no such folder'), /There is nothing at “.*no such folder”/],
    ['a folder without a tokenizer', () => exported(), /has no tokenizer/],
    ['an empty folder', () => folderWith({}), /has no tokenizer/],
    ['a program', () => join(exported(), 'model.pte'), /“.*model\.pte” is no tokenizer/],
    ['a clone without Git LFS', () => folderWith({ 'tokenizer.json': lfsPointer }), /is a Git LFS pointer/],
    [
      'a folder with two',
      () => folderWith({ 'tokenizer.model': undefined, 'tokenizer.json': '{}' }),
      /“.*” has more than one tokenizer: tokenizer\.json, tokenizer\.model/,
    ],
  ])('is refused if the option names %s', async (_what, place, reason) => {
    await expect(resolveBundle(exported(), ...options(place()))).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(reason) as string,
    });
  });
});
