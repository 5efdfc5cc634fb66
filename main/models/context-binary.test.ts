import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { newestRelease, releaseOf } from './context-binary.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-binary-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fixtures = join(import.meta.dirname, '../../e2e/fixtures');

test.each(['tiny-llama-genie', 'tiny-llama-genie-fp16', 'tiny-llama-genie-device', 'tiny-llama-genie-heads'])(
  'every part of %s names its release',
  async (bundle) => {
    const parts = [1, 2, 3, 4].map((part) => join(fixtures, bundle, `tiny_llama_part_${part}_of_4.bin`));
    expect(await Promise.all(parts.map(releaseOf))).toEqual(parts.map(() => '2.49.40'));
  },
);

test('a file without a release, a missing one and one that names it too late say nothing', async () => {
  const release = async (name: string, content: Buffer): Promise<string | undefined> => {
    writeFileSync(join(folder, name), content);
    return await releaseOf(join(folder, name));
  };
  const id = 'v2.49.40.260810104044';
  expect(await release('named', Buffer.from(`\0\0${id}\0`))).toBe('2.49.40');
  expect(await release('empty', Buffer.alloc(0))).toBeUndefined();
  expect(await release('other', Buffer.from('v2.49.40 v1.2'))).toBeUndefined();
  expect(await release('late', Buffer.concat([Buffer.alloc(2 ** 20), Buffer.from(id)]))).toBeUndefined();
  expect(await releaseOf(join(folder, 'nothing'))).toBeUndefined();
  expect(await releaseOf(folder)).toBeUndefined();
});

test('the newest release is found by its numbers', () => {
  expect(newestRelease(['2.9.1', '2.10.0', '2.9.40'])).toBe('2.10.0');
  expect(newestRelease([])).toBeUndefined();
});
