import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkProgramFile } from '../preflight.ts';
import { keptStateOf } from './state.ts';

const root = join(import.meta.dirname, '../../..');
const tiny = join(root, 'native/test/fixtures');
const exported = join(root, 'e2e/fixtures/contract-a');
const kept = async (path: string): Promise<string> => keptStateOf(await checkProgramFile(path));

const plain = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.pte') && !/^(?:state|external-cache|lfm2|qwen-3\.5)/.test(file))
    .map((file) => join(folder, file));

test.each([...plain(tiny), ...plain(exported)].map((path) => path.slice(root.length + 1)))(
  '%s keeps KV caches alone',
  async (path) => {
    expect(await kept(join(root, path))).toBe('caches');
  },
);

test.each(['state', 'state-static', 'state-initial', 'state-no-cache'])('%s keeps a tensor', async (name) => {
  expect(await kept(join(tiny, `${name}.pte`))).toBe('unclear');
});

test('a window without a ring of slots is state: transformers moves its slots along', () => {
  const numbers = new Map([['sliding_window', 512]]);
  expect(keptStateOf({ methods: [], numbers })).toBe('more');
  expect(keptStateOf({ methods: [], numbers: new Map() })).toBe('caches');
});

test('short convolutions keep a tensor, also inside of XNNPACK', async () => {
  expect(await kept(join(exported, 'lfm2.pte'))).toBe('unclear');
  expect(await kept(join(exported, 'lfm2-xnnpack.pte'))).toBe('unclear');
});

test('a program with a recurrence, or one that says when it clears its state, has state', async () => {
  expect(await kept(join(exported, 'qwen-3.5.pte'))).toBe('more');
  expect(await kept(join(tiny, 'state-cleared.pte'))).toBe('more');
});
