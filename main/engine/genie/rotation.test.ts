import { expect, test } from 'vitest';
import { rotationOf } from './rotation.ts';

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12) as number);

test('without scaling, each pair turns slower than the one before', () => {
  const settings = { pairs: 4, theta: 10_000, scaling: { kind: 'default' } } as const;
  expect(rotationOf(settings, 512)).toEqual({ inverseFrequencies: close([1, 0.1, 0.01, 0.001]), scale: 1 });
});

test('linear scaling divides all of them', () => {
  const settings = { pairs: 2, theta: 100, scaling: { kind: 'linear', factor: 4 } } as const;
  expect(rotationOf(settings, 512)).toEqual({ inverseFrequencies: close([0.25, 0.025]), scale: 1 });
});

test('llama3 keeps fast rotations, divides slow ones and mixes those between', () => {
  const scaling = {
    kind: 'llama3',
    factor: 32,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalContext: 8192,
  } as const;
  // Llama 3.2 1B: head of 64 numbers, theta 500,000.
  const { inverseFrequencies, scale } = rotationOf({ pairs: 32, theta: 500_000, scaling }, 4096);
  const plain = Array.from({ length: 32 }, (_, pair) => 500_000 ** (-pair / 32));
  expect(scale).toBe(1);
  for (const [pair, frequency] of plain.entries()) {
    const turns = (8192 * frequency) / (2 * Math.PI);
    const found = inverseFrequencies[pair]!;
    if (turns > 4) expect(found).toBeCloseTo(frequency, 12);
    else if (turns < 1) expect(found).toBeCloseTo(frequency / 32, 12);
    else expect(found / frequency).toBeCloseTo((1 - (turns - 1) / 3) / 32 + (turns - 1) / 3, 12);
  }
  // All three kinds occur.
  const turns = plain.map((frequency) => (8192 * frequency) / (2 * Math.PI));
  expect(turns.filter((one) => one > 4).length).toBeGreaterThan(0);
  expect(turns.filter((one) => one <= 4 && one >= 1).length).toBeGreaterThan(0);
  expect(turns.filter((one) => one < 1).length).toBeGreaterThan(0);
});

test('longrope takes its long factors beyond the original context, and scales by the attention factor', () => {
  const scaling = {
    kind: 'longrope',
    factor: 32,
    originalContext: 4096,
    shortFactors: [1, 2],
    longFactors: [4, 8],
  } as const;
  const scale = Math.sqrt(1 + Math.log(32) / Math.log(4096));
  const settings = { pairs: 2, theta: 10_000, scaling };
  expect(rotationOf(settings, 4096)).toEqual({ inverseFrequencies: close([1, 0.005]), scale });
  expect(rotationOf(settings, 8192)).toEqual({ inverseFrequencies: close([0.25, 0.00125]), scale });
  expect(rotationOf({ ...settings, scaling: { ...scaling, factor: 1 } }, 4096).scale).toBe(1);
});
