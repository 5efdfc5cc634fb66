import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveToken } from '../../preload/contract.ts';
import { heatOf } from './heat.ts';

const token = (stepUs: number): LiveToken => ({ text: 'a', stepUs, samplingUs: 0 });

test('a token’s heat is its time relative to the median', () => {
  expect(heatOf([50, 100, 100, 100, 120, 140, 190, 900].map(token))).toEqual([0, 0, 0, 0, 1, 2, 3, 4]);
});

test('the first token has no heat, because it needs no pass', () => {
  expect(heatOf([{ ...token(1), timeToFirstTokenUs: 5 }, token(100), token(100)])).toEqual([undefined, 0, 0]);
  expect(heatOf([{ ...token(1), timeToFirstTokenUs: 5 }])).toEqual([undefined]);
});

test('a slower token is never cooler, and half of the tokens are cold', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 80 }), (times) => {
      const sorted = times.toSorted((one, other) => one - other);
      const heat = heatOf(sorted.map(token));
      expect(heat).toEqual(heat.toSorted());
      expect(heat.filter((step) => step === 0).length * 2).toBeGreaterThanOrEqual(heat.length);
    }),
  );
});
