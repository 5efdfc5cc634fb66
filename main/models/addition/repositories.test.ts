/** Folders as publishers leave them: which program and tokenizer make the model, and what the person is asked. */
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { toAppError } from '../../app-error.ts';
import {
  cpuProgram,
  layoutConfig,
  lfsPointer,
  phoneProgram,
  programFor,
  revision,
  tokenizer,
  write,
  writeCache,
} from '../../testing/repositories.ts';
import { bundleName, bundleReader, resolveBundle } from '../bundle.ts';
import { mostRead } from './candidates.ts';
import { gather } from './gather.ts';
import { pair, type Choices, type Pairing } from './pair.ts';

const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'wyvern published ü-')));
const opened = async (path: string, choices: Choices = {}): Promise<Pairing> =>
  await pair((await gather([path])).files, choices, bundleReader);
const short = (folder: string, path: string | undefined): string | undefined =>
  path === undefined ? undefined : relative(folder, path).split(sep).join('/');
const offered = (folder: string, { question }: Pairing): unknown =>
  question && [
    question.part,
    ...question.options.map(({ path, sketch }) => ({ path: short(folder, path), ...sketch, bytes: undefined })),
  ];

afterEach(() => vi.unstubAllEnvs());

/** react-native-executorch: sizes, backends, one tokenizer for all. */
function softwareMansion(): string {
  const folder = newFolder();
  for (const [size, label] of [
    ['0_6b', '0.6b'],
    ['1_7b', '1.7b'],
    ['4b', '4b'],
  ] as const) {
    for (const [backend, program] of [
      ['xnnpack', cpuProgram()],
      ['mlx', programFor('MLXBackend')],
    ] as const) {
      const name = `qwen_3_${size}_${backend}_8da4w.pte`;
      write(folder, {
        [`${size}/${backend}/${name}`]: program,
        [`${size}/${backend}/config.json`]: layoutConfig(label, backend, [name], '../../tokenizer.model'),
      });
    }
  }
  write(folder, { 'tokenizer.model': tokenizer(), 'tokenizer_config.json': '{}', 'README.md': '# Qwen 3' });
  return folder;
}

describe('a repository of several sizes and backends', () => {
  test('offers each size for the CPU with its facts, and names the variants for Apple', async () => {
    const folder = softwareMansion();
    const asked = await opened(folder);
    const facts = { precision: '8da4w', backend: 'CPU (XNNPACK)', contextLength: 512 };
    expect(offered(folder, asked)).toEqual([
      'program',
      { path: '0_6b/xnnpack/qwen_3_0_6b_xnnpack_8da4w.pte', size: '0.6B', ...facts },
      { path: '1_7b/xnnpack/qwen_3_1_7b_xnnpack_8da4w.pte', size: '1.7B', ...facts },
      { path: '4b/xnnpack/qwen_3_4b_xnnpack_8da4w.pte', size: '4B', ...facts },
    ]);
    expect(asked.question?.options[0]?.sketch?.bytes).toBe(cpuProgram().length);
    expect(asked.unusable.map(({ name, fault, detail }) => [name, fault, detail])).toEqual([
      ['qwen_3_0_6b_mlx_8da4w.pte', 'foreign-backend', 'MLX (Apple)'],
      ['qwen_3_1_7b_mlx_8da4w.pte', 'foreign-backend', 'MLX (Apple)'],
      ['qwen_3_4b_mlx_8da4w.pte', 'foreign-backend', 'MLX (Apple)'],
    ]);
    const program = join(folder, '1_7b/xnnpack/qwen_3_1_7b_xnnpack_8da4w.pte');
    const chosen = await opened(folder, { program: [program] });
    expect(chosen.paths).toEqual({
      program,
      data: [],
      tokenizer: join(folder, 'tokenizer.model'),
      tokenizerConfig: join(folder, 'tokenizer_config.json'),
    });
  });

  test('asks nothing about one size: only one of its programs runs here', async () => {
    const folder = softwareMansion();
    for (const path of ['4b', '4b/xnnpack', '4b/xnnpack/qwen_3_4b_xnnpack_8da4w.pte']) {
      const { paths } = await opened(join(folder, path));
      expect(short(folder, paths?.program), path).toBe('4b/xnnpack/qwen_3_4b_xnnpack_8da4w.pte');
      expect(short(folder, paths?.tokenizer), path).toBe('tokenizer.model');
    }
  });

  test('without a program for this machine is refused by name', async () => {
    const only = newFolder();
    write(only, {
      'mlx/a.pte': programFor('MLXBackend'),
      'vulkan/b.pte': programFor('VulkanBackend'),
      'mediatek/c.pte': programFor('NeuropilotBackend'),
      'tokenizer.json': '{}',
    });
    expect(await opened(only).catch(toAppError)).toEqual({
      code: 'files-unusable',
      message:
        '“c.pte” was made for MediaTek NPU, “a.pte” was made for MLX (Apple), “b.pte” was made for Vulkan (Android).',
      hint: 'Choose another variant from the same repository: one for XNNPACK runs on the CPU.',
    });
    await expect(resolveBundle(join(only, 'mlx/a.pte'))).rejects.toThrow(/it was made for MLX \(Apple\)/);
    await expect(resolveBundle(only)).rejects.toThrow(/“b\.pte” was made for Vulkan/);
  });

  test('of several windows and phone programs offers the windows', async () => {
    vi.stubEnv('WYVERN_CHIP', 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU');
    const folder = newFolder();
    write(folder, {
      'xnnpack/Qwen3-0.6B-8da4w-16k.pte': cpuProgram(),
      'xnnpack/Qwen3-0.6B-8da4w-2k.pte': cpuProgram(),
      'xnnpack/config.json': '{}',
      'qnn/sm8750/model.pte': phoneProgram(),
      'tokenizer.json': '{}',
    });
    const asked = await opened(folder);
    const facts = { size: '0.6B', precision: '8da4w', backend: 'CPU (XNNPACK)', contextLength: 512 };
    expect(offered(folder, asked)).toEqual([
      'program',
      { path: 'xnnpack/Qwen3-0.6B-8da4w-2k.pte', ...facts },
      { path: 'xnnpack/Qwen3-0.6B-8da4w-16k.pte', ...facts },
    ]);
    expect(asked.unusable).toMatchObject([
      { name: 'model.pte', fault: 'other-chip', detail: 'Snapdragon 8 Elite (V79)' },
    ]);
    await expect(resolveBundle(folder)).rejects.toThrow(
      /xnnpack.Qwen3-0\.6B-8da4w-2k\.pte, xnnpack.Qwen3-0\.6B-8da4w-16k\.pte/,
    );
  });

  test('with a damaged program is asked, even if only one is left', async () => {
    const folder = newFolder();
    write(folder, { 'a.pte': cpuProgram(), 'b.pte': cpuProgram().slice(0, 5000), 'tokenizer.model': tokenizer() });
    const asked = await opened(folder);
    expect(asked.question?.options.map(({ name }) => name)).toEqual(['a.pte']);
    expect(asked.unusable).toMatchObject([{ name: 'b.pte', fault: 'unreadable' }]);
  });

  test('with two hundred programs reads a bounded number of them, and offers all', async () => {
    const folder = newFolder();
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`v${index}/model-${index}k.pte`, programFor('XnnpackBackend')]),
    );
    write(folder, { ...files, 'tokenizer.model': tokenizer() });
    let reads = 0;
    const reader = {
      ...bundleReader,
      peek: async (path: string) => {
        reads++;
        return await bundleReader.peek(path);
      },
      wanted: () => Promise.reject(new Error('No program may be checked yet')),
    };
    const asked = await pair((await gather([folder])).files, {}, reader);
    expect(asked.question?.options).toHaveLength(200);
    expect(reads).toBe(mostRead);
  });
});

describe('the tokenizer of a program', () => {
  test('is the nearest one above it, not that of another model', async () => {
    const folder = newFolder();
    write(folder, {
      'lfm/350m/xnnpack/a.pte': cpuProgram(),
      'lfm/350m/tokenizer.model': tokenizer(),
      'lfm/1_2b/xnnpack/b.pte': cpuProgram(),
      'lfm/1_2b/tokenizer.model': tokenizer(),
      'lfm/1_2b/generation_config.json': '{}',
      'optimum/model.pte': cpuProgram(),
    });
    const a = await opened(folder, { program: [join(folder, 'lfm/350m/xnnpack/a.pte')] });
    expect(a.paths).toEqual({
      program: join(folder, 'lfm/350m/xnnpack/a.pte'),
      data: [],
      tokenizer: join(folder, 'lfm/350m/tokenizer.model'),
    });
    const alone = await opened(folder, { program: [join(folder, 'optimum/model.pte')] });
    expect(alone.missing).toEqual([{ part: 'tokenizer' }]);
  });

  test('is the one in the model’s own folder beside an export without one', async () => {
    const folder = newFolder();
    write(folder, {
      'SmolLM2-ET/model.pte': cpuProgram(),
      'SmolLM2/tokenizer.model': tokenizer(),
      'SmolLM2/tokenizer_config.json': '{}',
      'SmolLM2/config.json': '{"eos_token_id": 2}',
      'SmolLM2/generation_config.json': '{}',
      'SmolLM2/model.safetensors': 'x',
    });
    const { paths } = await opened(folder);
    expect(paths).toMatchObject({
      program: join(folder, 'SmolLM2-ET/model.pte'),
      tokenizer: join(folder, 'SmolLM2/tokenizer.model'),
      tokenizerConfig: join(folder, 'SmolLM2/tokenizer_config.json'),
      config: join(folder, 'SmolLM2/config.json'),
      generationConfig: join(folder, 'SmolLM2/generation_config.json'),
    });
  });

  test.each([
    ['an absolute path', '/etc/tokenizer.json'],
    ['a path that climbs out', '../../../../tokenizer.json'],
    ['a drive', 'C:\\models\\tokenizer.json'],
    ['a network share', '\\\\server\\share\\tokenizer.json'],
    ['an address', 'https://example.org/tokenizer.json'],
    ['another kind of file', '../secrets.txt'],
  ])('is asked for if config.json names %s', async (_what, pointer) => {
    const folder = newFolder();
    write(folder, {
      'tokenizer.json': '{}',
      'secrets.txt': 'x',
      'model/1b/xnnpack/a.pte': cpuProgram(),
      'model/1b/xnnpack/config.json': layoutConfig('1b', 'xnnpack', ['a.pte'], pointer),
    });
    const { missing, unusable, paths } = await opened(join(folder, 'model'));
    expect(paths).toBeUndefined();
    expect(missing).toEqual([{ part: 'tokenizer' }]);
    expect(unusable).toMatchObject([{ name: 'config.json', fault: 'points-outside', detail: pointer }]);
    await expect(resolveBundle(join(folder, 'model'))).rejects.toThrow(/“config\.json” names “.*”, which is outside/);
  });

  test('does not depend on a config.json that is nested 100,000 deep or huge', async () => {
    for (const config of [
      '['.repeat(100_000) + ']'.repeat(100_000),
      `{"variants": [], "x": "${'y'.repeat(2 ** 20)}"}`,
    ]) {
      const folder = newFolder();
      write(folder, { 'tokenizer.model': tokenizer(), 'xnnpack/a.pte': cpuProgram(), 'xnnpack/config.json': config });
      const { paths } = await opened(folder);
      expect(short(folder, paths?.tokenizer)).toBe('tokenizer.model');
      expect((await resolveBundle(folder)).paths.program).toBe(join(folder, 'xnnpack/a.pte'));
    }
  });
});

describe('names', () => {
  test.each([
    ['hub/models--someone--Tiny-ExecuTorch/snapshots/' + revision + '/model.pte', 'Tiny-ExecuTorch'],
    ['react-native-executorch-qwen-3/4b/xnnpack/model.pte', 'react-native-executorch-qwen-3'],
    ['Tiny/model.pte', 'Tiny'],
    ['a/4b/xnnpack/qwen_3_4b_xnnpack_8da4w.pte', 'qwen_3_4b_xnnpack_8da4w'],
  ])('the model in %s is called %s', (path, name) => {
    expect(bundleName(join('/', path), undefined)).toBe(name);
  });
});

test('a snapshot whose blobs are missing is refused by name, and so is a clone without Git LFS', async () => {
  const cache = newFolder();
  const root = writeCache(cache, 'someone/Tiny', { 'model.pte': undefined, 'tokenizer.json': undefined });
  await expect(resolveBundle(root)).rejects.toThrow(/“model\.pte” is a link to a file that is not there/);
  const clone = newFolder();
  write(clone, { 'model.pte': lfsPointer, 'tokenizer.json': lfsPointer });
  await expect(resolveBundle(clone)).rejects.toThrow(/“model\.pte” is a Git LFS pointer/);
});

test('a snapshot in the cache is a model under the name of its repository', async () => {
  const root = writeCache(newFolder(), 'someone/Tiny', { 'model.pte': cpuProgram(), 'tokenizer.model': tokenizer() });
  const { paths, manifest } = await resolveBundle(root);
  expect(bundleName(paths.program, manifest)).toBe('Tiny');
});
