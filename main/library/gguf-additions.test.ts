/** GGUF files become models of the library: as people have them on their disks, and with what can go wrong. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AdditionState } from '../../preload/contract.ts';
import { toAppError } from '../app-error.ts';
import { tinyModel } from '../gguf/testing/tiny-models.ts';
import { ggufBytes, type TestGguf } from '../gguf/testing/write-gguf.ts';
import { zip } from '../testing/zip.ts';
import { Additions } from './additions.ts';
import { checkBundle } from './bundle-finder.ts';
import type { FoundBundle } from './found-bundle.ts';

let folder: string;
let library: string;
let added: FoundBundle[];
let states: (AdditionState | undefined)[];
let additions: Additions;
let onState: (state: AdditionState | undefined) => void;

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  folder = mkdtempSync(join(tmpdir(), 'wyvern gguf ü '));
  library = join(folder, 'library');
  [added, states, onState] = [[], [], () => undefined];
  additions = new Additions({
    catalogue: { get: () => expect.unreachable(), filesOf: () => [] },
    models: {
      add: (found) => {
        added.push(found);
        return Promise.resolve({ modelId: 'm' });
      },
      move: () => expect.unreachable(),
    },
    check: checkBundle,
    files: { locate: () => expect.unreachable() },
    library,
    chooseFiles: () => expect.unreachable(),
    emit: (name, payload) => {
      if (name !== 'additions.changed') return;
      states.push(payload as AdditionState | undefined);
      onState(payload as AdditionState | undefined);
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: readonly string[]): string => join(folder, ...names);
function write(content: TestGguf | Uint8Array, ...names: readonly string[]): string {
  mkdirSync(at(...names.slice(0, -1)), { recursive: true });
  writeFileSync(at(...names), content instanceof Uint8Array ? content : ggufBytes(content));
  return at(...names);
}
const inLibrary = (): readonly string[] => (existsSync(library) ? readdirSync(library) : []);
const refused = async (...paths: readonly string[]): Promise<unknown> => await additions.open(paths).catch(toAppError);

const small = { layers: 1, width: 64, hidden: 64, heads: 2, kvHeads: 1 };
const tiny = tinyModel({ architecture: 'llama', ...small });
const whole = ggufBytes(tiny);
/** The same model in two parts: the tensors of the second are those from the fourth on. */
function parts(): readonly [TestGguf, TestGguf] {
  const { metadata, tensors = [] } = tiny;
  const marks = (index: number): Readonly<Record<string, number>> => ({
    'split.no': index,
    'split.count': 2,
    'split.tensors.count': tensors.length,
  });
  return [
    { metadata: { ...metadata, ...marks(0) }, tensors: tensors.slice(0, 3) },
    { metadata: marks(1), tensors: tensors.slice(3) },
  ];
}

describe('a GGUF', () => {
  test('becomes a bundle in the library, with progress, and the file is not needed afterwards', async () => {
    const path = write(whole, 'Tiny.Q4_1.gguf');
    expect(await additions.open([path])).toEqual({ modelId: 'm' });
    expect(inLibrary()).toEqual(['Tiny llama (Q8_0)']);
    expect(added[0]).toMatchObject({ name: 'Tiny llama (Q8_0)', backends: [] });
    expect(readdirSync(join(library, 'Tiny llama (Q8_0)')).sort()).toEqual([
      ...['model.ptd', 'model.pte', 'tokenizer.json', 'tokenizer_config.json', 'wyvern.json'],
    ]);
    expect(states.find((state) => state?.status === 'copying')).toMatchObject({
      stage: 'prepare',
      name: 'Tiny.Q4_1.gguf',
    });
    expect(states.at(-1)).toBeUndefined();
  });

  test.each<readonly [string, () => readonly string[]]>([
    [
      'in LM Studio’s folders, beside the file of a vision encoder',
      () => {
        write(whole, 'models', 'publisher', 'Tiny-GGUF', 'tiny.gguf');
        write(
          ggufBytes({ metadata: { 'general.architecture': 'clip' } }),
          'models',
          'publisher',
          'Tiny-GGUF',
          'mmproj-tiny.gguf',
        );
        return [at('models')];
      },
    ],
    ['of Ollama, a blob without an ending', () => [write(whole, 'blobs', 'sha256-0123456789abcdef')]],
    [
      'in parts, by its second part',
      () => {
        const [first, second] = parts();
        write(first, 'split', 'tiny-00001-of-00002.gguf');
        return [write(second, 'split', 'tiny-00002-of-00002.gguf')];
      },
    ],
    [
      'in parts, by their folder',
      () =>
        parts()
          .map((part, index) => write(part, 'split', `tiny-0000${index + 1}-of-00002.gguf`))
          .slice(0, 0)
          .concat(at('split')),
    ],
    [
      'in a zip',
      () => {
        writeFileSync(at('tiny.zip'), zip([{ name: 'tiny/tiny.gguf', data: whole }]));
        return [at('tiny.zip')];
      },
    ],
  ])('is found %s', async (_what, make) => {
    expect(await additions.open(make())).toEqual({ modelId: 'm' });
    expect(inLibrary()).toEqual(['Tiny llama (Q8_0)']);
  });

  test.each<readonly [string, () => readonly string[], string, RegExp]>([
    [
      'that is still being downloaded',
      () => [write(whole.subarray(0, whole.length - 5000), 'tiny.gguf.part')],
      'gguf-incomplete',
      /lacks the last/,
    ],
    [
      'without its first part',
      () => [write(parts()[1], 'split', 'tiny-00002-of-00002.gguf')],
      'gguf-incomplete',
      /“tiny-00001-of-00002.gguf” of its 2 parts is missing/,
    ],
    [
      'of another architecture',
      () => [write({ metadata: { 'general.architecture': 'mamba' } }, 'mamba.gguf')],
      'gguf-unsupported',
      /“mamba”/,
    ],
    [
      'among several',
      () => [write(whole, 'two', 'a.gguf'), write(whole, 'two', 'b.gguf')],
      'gguf-unsupported',
      /“a.gguf”, “b.gguf”/,
    ],
    ['that is something else', () => [write(Buffer.from('notes'), 'notes.gguf')], 'gguf-incomplete', /shorter/],
  ])('%s is refused with a sentence and a next step, and nothing is written', async (_what, make, code, reason) => {
    expect(await refused(...make())).toMatchObject({
      code,
      message: expect.stringMatching(reason) as unknown,
      hint: expect.any(String) as unknown,
    });
    expect(inLibrary()).toEqual([]);
    expect(added).toEqual([]);
  });

  test('can be cancelled while it is prepared, and nothing is left', async () => {
    const path = write(
      ggufBytes(tinyModel({ architecture: 'llama', layers: 4, width: 1024, hidden: 4096 })),
      'big.gguf',
    );
    let cancelled: Promise<void> | undefined;
    onState = (state) => {
      if (state?.status === 'copying' && cancelled === undefined) cancelled = additions.cancel(state.id);
    };
    expect(await additions.open([path])).toBeUndefined();
    await cancelled;
    expect(inLibrary()).toEqual([]);
    expect(states.at(-1)).toBeUndefined();
    // The next one works.
    onState = () => undefined;
    expect(await additions.open([write(whole, 'tiny.gguf')])).toEqual({ modelId: 'm' });
  });

  test('that a killed process was preparing is gone after the next start', async () => {
    mkdirSync(join(library, '.incoming-dead', 'prepared'), { recursive: true });
    writeFileSync(join(library, '.incoming-dead', 'prepared', 'model.ptd'), 'half');
    await additions.sweep();
    expect(inLibrary()).toEqual([]);
  });

  test('that was prepared before is not prepared again, unless its files are damaged', async () => {
    const path = write(whole, 'tiny.gguf');
    await additions.open([path]);
    const before = states.length;
    expect(await additions.open([write(whole, 'elsewhere', 'copy.gguf')])).toEqual({ modelId: 'm' });
    expect(inLibrary()).toEqual(['Tiny llama (Q8_0)']);
    expect(added[1]!.paths).toEqual(added[0]!.paths);
    expect(states.slice(before).some((state) => state?.status === 'copying')).toBe(false);

    // Another model of the same name and size.
    const other = ggufBytes(tinyModel({ architecture: 'llama', ...small, seed: 2 }));
    await additions.open([write(other, 'other.gguf')]);
    expect(inLibrary().toSorted()).toEqual(['Tiny llama (Q8_0)', 'Tiny llama (Q8_0) (2)']);

    rmSync(join(library, 'Tiny llama (Q8_0)', 'model.ptd'));
    await additions.open([path]);
    expect(inLibrary()).toHaveLength(3);
  });

  test('keeps every byte of its blocks', async () => {
    await additions.open([write(whole, 'tiny.gguf')]);
    const ptd = readFileSync(join(library, 'Tiny llama (Q8_0)', 'model.ptd'));
    const value = tiny.tensors!.find(({ name }) => name === 'blk.0.attn_v.weight')!;
    // The first word of each row's first block comes first: bytes 4 to 7 of a Q4_1 block.
    const rowBytes = value.data.length / 32;
    const words = Array.from({ length: 16 }, (_, row) => value.data.subarray(row * rowBytes + 4, row * rowBytes + 8));
    expect(ptd.includes(Buffer.concat(words))).toBe(true);
  });
});
