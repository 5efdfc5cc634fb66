import fc from 'fast-check';
import { expect, test } from 'vitest';
import { histogram } from './histogram.ts';

test('counts every value once, in its bin', () => {
  const times = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 2, maxLength: 200 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 40 }), (values, bins) => {
      const drawn = histogram(values, bins);
      if (!drawn) {
        expect(new Set(values).size).toBe(1);
        return;
      }
      const { from, width, counts, above } = drawn;
      expect(counts).toHaveLength(bins);
      expect(counts.reduce((sum, count) => sum + count, above)).toBe(values.length);
      expect(from).toBe(Math.min(...values));
      const to = from + width * bins;
      expect(Math.abs(values.filter((value) => value > to * (1 + 1e-12)).length - above)).toBeLessThanOrEqual(
        values.filter((value) => Math.abs(value - to) <= to * 1e-9).length,
      );
      // At least half of the values are at or below the median, so the median is never above.
      expect(above * 2).toBeLessThanOrEqual(values.length);
    }),
  );
});

test('one very slow token does not squeeze the rest into one bin', () => {
  const drawn = histogram([10, 11, 12, 13, 14, 10_000], 8);
  expect(drawn?.above).toBe(1);
  expect(drawn?.counts.filter((count) => count > 0).length).toBeGreaterThan(1);
});

test('draws nothing for no values, or for equal values', () => {
  expect(histogram([], 4)).toBeUndefined();
  expect(histogram([5, 5, 5], 4)).toBeUndefined();
});
