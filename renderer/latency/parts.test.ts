import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveToken } from '../../preload/contract.ts';
import {
  decodedTokens,
  decodeSteps,
  partNames,
  partsOf,
  percentiles,
  rateOf,
  reportedParts,
  stacked,
  type Parts,
} from './parts.ts';

const token = (times: Partial<LiveToken>): LiveToken => ({ text: 'a', stepUs: 1000, samplingUs: 0, ...times });
const sum = (parts: Parts) => Object.values(parts).reduce((total, part) => total + part, 0);

test('splits an NPU step into accelerator, backend, host and sampling', () => {
  expect(partsOf(token({ stepUs: 50_010, samplingUs: 10, backendUs: 49_000, acceleratorUs: 48_000 }))).toEqual({
    accelerator: 48,
    backend: 1,
    host: 1,
    sampling: 0.01,
  });
});

test('a part that is not reported is absent, not zero', () => {
  expect(partsOf(token({ stepUs: 5000, samplingUs: 1000, backendUs: 3000 }))).toEqual({
    backend: 3,
    host: 1,
    sampling: 1,
  });
  expect(partsOf(token({ stepUs: 5000, samplingUs: 1000 }))).toEqual({ model: 4, sampling: 1 });
  expect(partsOf(token({ stepUs: 1000, samplingUs: 1000, timeToFirstTokenUs: 9 }))).toEqual({ sampling: 1 });
});

test('tokens of prompt lookup count for the speed, and their missing passes do not count as steps', () => {
  const tokens = [
    token({ timeToFirstTokenUs: 9 }),
    token({ stepUs: 4000 }),
    ...Array.from({ length: 3 }, () => token({ stepUs: 0, accepted: true })),
  ];
  expect(decodeSteps(tokens)).toEqual([tokens[1]]);
  expect(rateOf(decodedTokens(tokens))).toBe(1000);
  expect(partsOf(token({ stepUs: 10, samplingUs: 10, accepted: true }))).toEqual({ sampling: 0.01 });
});

test('parts are never negative, and add up to the step where the clocks agree', () => {
  const us = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(us, us, us, us, (acceleratorUs, backendRest, host, samplingUs) => {
      const backendUs = acceleratorUs + backendRest;
      const stepUs = backendUs + host + samplingUs;
      const parts = partsOf(token({ stepUs, samplingUs, backendUs, acceleratorUs }));
      expect(Math.abs(sum(parts) - stepUs / 1000)).toBeLessThan(1e-6);
      const skewed = partsOf(token({ stepUs: backendUs, samplingUs, backendUs, acceleratorUs: backendUs + 5 }));
      expect(Math.min(...Object.values(skewed))).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('lines of the stack never cross, and the top line is the total', () => {
  const part = fc.record(
    Object.fromEntries(partNames.map((name) => [name, fc.float({ min: 0, max: 1000, noNaN: true })])),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 50 }), (parts: Parts[]) => {
      const names = reportedParts(parts);
      const lines = stacked(parts, names);
      expect(lines).toHaveLength(names.length);
      for (const [index, one] of parts.entries()) {
        const column = lines.map((line) => line[index] ?? Number.NaN);
        expect(column).toEqual(column.toSorted((a, b) => a - b));
        expect(column.at(-1) ?? 0).toBeCloseTo(sum(one), 3);
      }
    }),
  );
});

test('percentiles are measured values, by nearest rank', () => {
  expect(percentiles([])).toBeUndefined();
  expect(percentiles([3])).toEqual({ p50: 3, p95: 3, p99: 3 });
  expect(percentiles(Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({ p50: 50, p95: 95, p99: 99 });
});

test('the rate uses the steps’ own time', () => {
  expect(rateOf([token({}), token({})])).toBeCloseTo(1000);
  expect(rateOf([token({})])).toBeUndefined();
});
