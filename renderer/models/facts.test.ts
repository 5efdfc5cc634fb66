import { describe, expect, test } from 'vitest';
import type { ModelEntry, ModelState } from '../../preload/contract.ts';
import { conditionOf, factsOf, matches } from './facts.ts';

const model: ModelEntry = {
  id: 'a',
  name: 'Tiny wyvern',
  folder: '/models/tiny',
  bytes: 4_120_000_000,
  bundled: false,
  available: true,
  files: { moved: [], changed: [], mismatched: [], verified: 0 },
  quarantined: false,
  owned: false,
};
const npu: ModelEntry = {
  ...model,
  backend: 'HTP (device)',
  target: 'Snapdragon 8 Elite (V79)',
  license: 'Apache-2.0',
};

describe('the condition of a model', () => {
  const ready: ModelState = {
    status: 'ready',
    modelId: 'a',
    name: 'Tiny',
    backend: 'CPU',
    contextLength: 1,
    chatTemplate: { source: 'none' },
    residentBytes: 1,
  };
  const error = { code: 'internal', message: '' } as const;
  test.each([
    ['loaded', model, ready],
    ['loading', model, { status: 'loading', modelId: 'a', name: '', stage: 'read', fraction: 0 }],
    ['failed', model, { status: 'failed', modelId: 'a', error }],
    ['ready', model, { status: 'failed', modelId: 'other', error }],
    ['missing', { ...model, available: false }, { status: 'failed', modelId: 'a', error }],
    ['misfit', { ...model, misfit: 'it is for another chip.' }, { status: 'none' }],
    ['idle', model, { status: 'none', idle: { modelId: 'a', name: '', minutes: 5 } }],
    ['ready', model, { status: 'none' }],
  ] as const)('is %s', (condition, entry, state) => expect(conditionOf(entry, state)).toBe(condition));
});

test('unknown facts of a model are absent', () => {
  expect(factsOf(model)).toEqual([
    ['Size', '4.1 GB'],
    ['Last used', 'never'],
  ]);
  expect(factsOf({ ...npu, parameters: 1_235_814_400, contextLength: 4096 })).toEqual([
    ['Size', '4.1 GB'],
    ['Runs on', 'HTP (device)'],
    ['Chip', 'Snapdragon 8 Elite (V79)'],
    ['Context', '4,096 tokens'],
    ['Parameters', '1.24B'],
    ['Licence', 'Apache-2.0'],
    ['Last used', 'never'],
  ]);
});

test('a search matches any word shown for a model, and a filter matches where it runs', () => {
  const found = (text: string, filter: 'all' | 'cpu' | 'npu' = 'all'): readonly boolean[] =>
    [model, npu].map((entry) => matches(entry, text, filter));
  expect(found('')).toEqual([true, true]);
  expect(found('  WYVERN  elite')).toEqual([false, true]);
  expect(found('/models')).toEqual([true, true]);
  expect(found('gone')).toEqual([false, false]);
  expect(found('', 'cpu')).toEqual([true, false]);
  expect(found('tiny', 'npu')).toEqual([false, true]);
});
