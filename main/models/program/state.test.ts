import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkProgramFile } from '../preflight.ts';
import { contextLengthOf, keptStateOf } from './state.ts';

const root = join(import.meta.dirname, '../../..');
const tiny = join(root, 'native/test/fixtures');
const exported = join(root, 'e2e/fixtures/contract-a');
const kept = async (path: string): Promise<string> => keptStateOf(await checkProgramFile(path));

const plain = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.pte') && !/^(?:state|external-cache|foreign|lfm2|qwen-3\.5)/.test(file))
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

describe('a window without a ring of slots', () => {
  const numbers = new Map([
    ['sliding_window', 512],
    ['get_max_seq_len', 2048],
  ]);
  const rest = { name: 'forward', inputs: [], outputs: [], delegates: [], operators: [], plannedBytes: 0 };
  const facts = (carriesTensors: boolean) => ({ methods: [{ ...rest, carriesTensors }], numbers });

  test('is state if the program moves its slots along', () => {
    expect(keptStateOf(facts(true))).toBe('more');
    expect(contextLengthOf(facts(true))).toBe(2048);
  });

  test('is the context if it does not: the step after it fails', () => {
    expect(keptStateOf(facts(false))).toBe('caches');
    expect(contextLengthOf(facts(false))).toBe(512);
    expect(contextLengthOf({ ...facts(false), numbers: new Map([['get_max_seq_len', 256]]) })).toBe(256);
  });
});

test.each([
  ['gemma-3-native', 32],
  ['gemma-3-ring', 192],
  ['custom-cache', 192],
])('%s keeps KV caches of the right length', async (name, length) => {
  const facts = await checkProgramFile(join(root, 'e2e/fixtures/optimum', `${name}.pte`));
  expect({ kept: keptStateOf(facts), length: contextLengthOf(facts) }).toEqual({ kept: 'caches', length });
});

test('short convolutions keep a tensor, also inside of XNNPACK', async () => {
  expect(await kept(join(exported, 'lfm2.pte'))).toBe('unclear');
  expect(await kept(join(exported, 'lfm2-xnnpack.pte'))).toBe('unclear');
});

test('a program with a recurrence, or one that says when it clears its state, has state', async () => {
  expect(await kept(join(exported, 'qwen-3.5.pte'))).toBe('more');
  expect(await kept(join(tiny, 'state-cleared.pte'))).toBe('more');
});
