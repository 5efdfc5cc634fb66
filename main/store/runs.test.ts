import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Run } from '../../preload/contract.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';

let folder: string;
let path: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-run-table-'));
  path = join(folder, 'store.sqlite');
  store = openStore(path);
  store.conversations.create('c', 1);
  store.tree.append('c', { id: 'a1', role: 'assistant', text: 'x', state: 'complete', createdAt: 1 });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

// Tenths of a microsecond, as stored.
const us = fc.integer({ min: 0, max: 1e9 }).map((tenths) => tenths / 10);
const count = fc.integer({ min: 0, max: 1e6 });
const token = fc.record(
  {
    text: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    stepUs: us,
    samplingUs: us,
    acceleratorUs: us,
    backendUs: us,
    hvxThreads: count,
    accepted: fc.constant(true as const),
    timeToFirstTokenUs: us,
    htp: fc.record({
      cycles: count,
      slowestOperators: fc.array(fc.record({ name: fc.string(), cycles: count }), { maxLength: 3 }),
    }),
  },
  { requiredKeys: ['text', 'stepUs', 'samplingUs'] },
);
const chunk = fc.record({ tokens: count, wallUs: us, backendUs: us }, { requiredKeys: ['tokens', 'wallUs'] });
const run = fc.record(
  {
    messageId: fc.constant('a1'),
    model: fc.string(),
    backend: fc.string(),
    contextLength: count,
    performanceMode: fc.constant('burst'),
    prefill: fc.record({
      promptTokens: count,
      reusedTokens: count,
      prefillUs: us,
      chunks: fc.array(chunk, { maxLength: 4 }),
      residentBytes: count,
    }),
    tokens: fc.array(token, { maxLength: 40 }),
  },
  { requiredKeys: ['messageId', 'model', 'backend', 'contextLength', 'tokens'] },
) as fc.Arbitrary<Run>;

test('a run is read as it was stored; figures that were not reported stay absent', () => {
  fc.assert(
    fc.property(run, (kept) => {
      store.runs.put(kept);
      expect(store.runs.get('a1')).toEqual(kept);
    }),
    { numRuns: 60 },
  );
});

test('a run is deleted with its message', () => {
  const kept: Run = { messageId: 'a1', model: 'M', backend: 'CPU', contextLength: 8, tokens: [] };
  store.runs.put(kept);
  store.close();
  const raw = new DatabaseSync(path, { enableForeignKeyConstraints: true });
  raw.exec("DELETE FROM messages WHERE id = 'a1'");
  raw.close();
  store = openStore(path);
  expect(store.runs.get('a1')).toBeUndefined();
});

test('a damaged record is ignored', () => {
  store.runs.put({ messageId: 'a1', model: 'M', backend: 'CPU', contextLength: 8, tokens: [] });
  store.close();
  const raw = new DatabaseSync(path);
  raw.prepare('UPDATE runs SET record = ?').run(new Uint8Array([1, 2, 3]));
  raw.close();
  store = openStore(path);
  expect(store.runs.get('a1')).toBeUndefined();
});

test('a token takes few bytes', () => {
  const tokens = Array.from({ length: 1000 }, (_, index) => ({
    text: ' word',
    stepUs: 40_000 + ((index * 7919) % 3000),
    samplingUs: 100 + ((index * 104_729) % 40),
    backendUs: 39_000 + ((index * 6007) % 3000),
  }));
  store.runs.put({ messageId: 'a1', model: 'M', backend: 'CPU', contextLength: 4096, tokens });
  store.close();
  const raw = new DatabaseSync(path);
  const bytes = Number(raw.prepare('SELECT length(record) AS bytes FROM runs').get()?.['bytes']);
  raw.close();
  store = openStore(path);
  expect(bytes / 1000).toBeLessThan(16);
});
