import { describe, expect, test } from 'vitest';
import list from '../../resources/published-models.json' with { type: 'json' };
import { machineOf, type Machine } from '../models/program/machine.ts';
import { publishedList, publishedModel, publishedModels, thisPlace, type Place } from './published.ts';

const gigabyte = 2 ** 30;
const laptop = machineOf({
  platform: 'win32',
  arch: 'arm64',
  processor: 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU',
});
const place = (gigabytes: number, machine: Machine = laptop): Place => ({ memoryBytes: gigabytes * gigabyte, machine });

describe('the list in resources/', () => {
  test('has its schema, each model once, and a date that is not in the future', () => {
    const { readOn, models } = publishedList.parse(list);
    expect(Date.parse(readOn)).toBeLessThanOrEqual(Date.now());
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
    for (const { page, publisher } of models)
      expect(page).toMatch(new RegExp(`^https://huggingface\\.co/${publisher}(/|$)`));
  });

  test('names a program for the CPU with a tokenizer wherever it names files', () => {
    for (const { files = [], id } of publishedList.parse(list).models) {
      if (files.length === 0) continue;
      expect(
        files.some((file) => file.endsWith('.pte')),
        id,
      ).toBe(true);
      expect(
        files.some((file) => /tokenizer\.(json|model)$/.test(file)),
        id,
      ).toBe(true);
    }
  });

  test.each([
    ['another host', { page: 'https://example.org/x' }],
    ['no encryption', { page: 'http://huggingface.co/x' }],
    ['a path that leaves the repository', { files: ['../x.pte'] }],
    ['an absolute path', { files: ['/x.pte'] }],
    ['an unknown field', { price: 1 }],
    ['no size at all instead of none', { bytes: 0 }],
  ])('may not have %s', (_what, change) => {
    const [first] = publishedList.parse(list).models;
    expect(publishedModel.safeParse({ ...first, ...change }).success).toBe(false);
  });
});

describe('the order', () => {
  const idsIn = (gigabytes: number, group: string): readonly string[] =>
    publishedModels(place(gigabytes)).models.flatMap((model) => (model.group === group ? [model.id] : []));

  test('on 16 GB begins with the largest models that leave half of the memory', () => {
    const { models } = publishedModels(place(16));
    expect(models[0]).toMatchObject({ id: 'software-mansion-qwen3-4b', group: 'fits', reason: { why: 'fits' } });
    const fourBillion = models.filter(({ parameters }) => parameters === 4_000_000_000);
    expect(fourBillion.at(-1)).toMatchObject({ prefill: 'single' });
    expect(idsIn(16, 'fits')).toContain('experimentalmachines-qwen3-0.6b');
    expect(idsIn(16, 'tight')).toEqual([]);
  });

  test('on 4 GB puts the small models first; a KV cache counts', () => {
    expect(idsIn(4, 'fits')[0]).toBe('pytorch-smollm3-3b');
    expect(idsIn(4, 'tight')).toContain('software-mansion-qwen3-4b');
    expect(idsIn(4, 'not-here')).toContain('experimentalmachines-qwen3-0.6b');
    const tooLarge = publishedModels(place(2)).models.find(({ id }) => id === 'mlboydaisuke-qwen3-4b');
    expect(tooLarge?.reason).toEqual({ why: 'too-large', neededBytes: 2_469_400_000 });
  });

  test('keeps a model of unknown size behind those that fit, and one for phones at the end, with its chips', () => {
    const { models, chip } = publishedModels(place(16));
    expect(chip).toBe('Snapdragon X Elite (V73)');
    const order = models.map(({ group }) => group);
    expect(order).toEqual(order.toSorted((one, other) => groups.indexOf(one) - groups.indexOf(other)));
    const phone = models.find(({ backend }) => backend === 'qnn');
    expect(phone).toMatchObject({ group: 'not-here', reason: { why: 'other-chip' } });
    expect(phone?.reason).toMatchObject({
      chips: ['Snapdragon 8 Gen 3 (V75)', 'Snapdragon 8 Elite (V79)', 'Snapdragon 8 Elite Gen 5 (V81)'],
    });
  });
});

const groups = ['fits', 'tight', 'unknown', 'not-here'];

test('the machine is this one, or the one of the environment', () => {
  expect(thisPlace({}).memoryBytes).toBeGreaterThan(0);
  expect(thisPlace({ WYVERN_MEMORY: '1000' }).memoryBytes).toBe(1000);
  expect(thisPlace({ WYVERN_CHIP: 'Snapdragon(R) X Elite - X1E80100' }).machine).toMatchObject({ kind: 'device' });
});
