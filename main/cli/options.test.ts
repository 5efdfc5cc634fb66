import { describe, expect, test } from 'vitest';
import { EngineFailure } from '../engine/errors.ts';
import { greedySampling } from '../models/default-sampling.ts';
import { integer, number, parse, sampling, samplingOptions } from './options.ts';

function codeOf(task: () => unknown): string | undefined {
  try {
    task();
    return undefined;
  } catch (error) {
    return error instanceof EngineFailure ? error.code : String(error);
  }
}

describe('numbers', () => {
  test.each([
    ['1', 1],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['+2', 2],
    ['1e1', 10],
    [' 3 ', 3],
  ])('%j is %d', (text, value) => {
    expect(number('--x', text, 0, 10)).toBe(value);
  });

  test.each(['', ' ', 'NaN', 'Infinity', '-1', '11', '1e9', '0x1', '1_0', '1,5', 'one', '1 2', '--'])(
    '%j is refused',
    (text) => {
      expect(codeOf(() => number('--x', text, 0, 10))).toBe('option-invalid');
    },
  );

  test('whole numbers are whole, exact and within bounds', () => {
    expect(integer('--seed', String(Number.MAX_SAFE_INTEGER), 0, Number.MAX_SAFE_INTEGER)).toBe(
      Number.MAX_SAFE_INTEGER,
    );
    for (const text of ['1.5', '1e2', '-1', '9007199254740993', '18446744073709551616', 'many', '']) {
      expect(codeOf(() => integer('--seed', text, 0, Number.MAX_SAFE_INTEGER))).toBe('option-invalid');
    }
    expect(integer('--seed', undefined, 0, 1)).toBeUndefined();
  });
});

describe('sampling', () => {
  test('options override the defaults one by one', () => {
    const defaults = { temperature: 0.2, topK: 40, topP: 0.9, minP: 0.1, repetitionPenalty: 1.1 };
    expect(sampling({}, defaults)).toEqual(defaults);
    expect(sampling({ temperature: '0.5', seed: '7' }, defaults)).toEqual({ ...defaults, temperature: 0.5, seed: 7 });
  });

  test.each([
    { temperature: '5.1' },
    { 'top-p': '0' },
    { 'top-p': '1.1' },
    { 'top-k': '1.5' },
    { 'top-k': '1000001' },
    { 'min-p': '1' },
    { 'repetition-penalty': '0' },
    { 'repetition-penalty': '11' },
    { seed: '-1' },
  ])('%j is refused', (values) => {
    expect(codeOf(() => sampling(values, greedySampling))).toBe('option-invalid');
  });
});

test('misspelt options, missing values and extra arguments are refused', () => {
  for (const args of [['--temprature', '1'], ['--temperature'], ['--temperature', '--seed'], ['-t', '1'], ['stray']]) {
    expect(codeOf(() => parse(args, samplingOptions, 0))).toBe('option-invalid');
  }
  expect(parse(['path'], samplingOptions, 1).positionals).toEqual(['path']);
});
