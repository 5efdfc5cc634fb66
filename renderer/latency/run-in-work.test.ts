import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveToken, Run } from '../../preload/contract.ts';
import { RunInWork } from './run-in-work.ts';

const token = (index: number): LiveToken => ({ text: String(index), stepUs: index, samplingUs: 0 });
const all = Array.from({ length: 50 }, (_, index) => token(index));
const run = (known: number): Run => ({
  messageId: 'a',
  model: 'M',
  backend: 'CPU',
  contextLength: 64,
  tokens: all.slice(0, known),
});

test('takes each token once, whatever was known when the run was read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50 }), fc.array(fc.integer({ min: 0, max: 50 })), (known, cuts) => {
      const work = new RunInWork(run(known));
      const edges = [0, ...cuts.toSorted((one, other) => one - other), 50];
      for (const [index, from] of edges.slice(0, -1).entries()) {
        expect(work.add({ firstToken: from, tokens: all.slice(from, edges[index + 1]) })).toBe(true);
      }
      expect(work.snapshot().tokens).toEqual(all);
    }),
  );
});

test('refuses tokens after a gap', () => {
  const work = new RunInWork(run(3));
  expect(work.add({ firstToken: 5, tokens: all.slice(5, 9) })).toBe(false);
  expect(work.snapshot().tokens).toHaveLength(3);
});
