import { describe, expect, it } from 'vitest';
import { formatsOf } from './formats.ts';

const { bytes, count, duration, rate } = formatsOf('en');

describe('figures', () => {
  it.each([
    [840, '840 µs'],
    [12_400, '12.4 ms'],
    [212_300, '212 ms'],
    [3_204_000, '3.20 s'],
  ])('writes %d µs as %s', (us, text) => expect(duration(us)).toBe(text));

  it.each([
    [61.237, '61.2'],
    [4.5, '4.50'],
    [4999.6, '5,000'],
  ])('writes %d tokens/s as %s', (perSecond, text) => expect(rate(perSecond)).toBe(text));

  it.each([
    [900, '1 KB'],
    [134_600_000, '135 MB'],
    [4_120_000_000, '4.1 GB'],
  ])('writes %d bytes as %s', (value, text) => expect(bytes(value)).toBe(text));

  it('groups thousands', () => expect(count(12345)).toBe('12,345'));
});

describe('figures of other languages', () => {
  const german = formatsOf('de');
  const chinese = formatsOf('zh-CN');

  it('have their own separators', () => {
    expect([german.rate(61.237), german.rate(4999.6), german.duration(3_204_000)]).toEqual(['61,2', '5.000', '3,20 s']);
    expect([german.bytes(4_120_000_000), german.significant(1.25, 2)]).toEqual(['4,1 GB', '1,3']);
    expect([german.short(1_240_000_000), chinese.short(135_000_000)]).toEqual(['1.24B', '135M']);
    expect(german.list(['a', 'b', 'c'])).toBe('a, b und c');
    expect(chinese.list(['a', 'b', 'c'])).toBe('a、b、c');
  });

  it('choose the word by number', () => {
    const tokens = { one: 'token', other: 'tokens' };
    expect([0, 1, 2, 2048].map((value) => formatsOf('en').plural(value, tokens))).toEqual([
      '0 tokens',
      '1 token',
      '2 tokens',
      '2,048 tokens',
    ]);
    expect(chinese.plural(1, tokens)).toBe('1 tokens');
  });
});

describe('a typed number', () => {
  it.each([
    ['en', '0.7', 0.7],
    ['en', '1,000', 1000],
    ['en', ' 42 ', 42],
    ['en', '-1', -1],
    ['en', '0,7', NaN],
    ['en', '1,00', NaN],
    ['en', '', NaN],
    ['en', 'hot', NaN],
    ['de', '0,7', 0.7],
    ['de', '0.7', 0.7],
    ['de', '1.000', 1000],
    ['de', '1.000,5', 1000.5],
    ['de', '0.125', 0.125],
    ['de', '1.00.0', NaN],
    ['zh-CN', '1,000.5', 1000.5],
  ])('in %s: %j is %d', (locale, text, number) => expect(formatsOf(locale).parse(text)).toBe(number));

  it.each(['en', 'de', 'zh-CN'])('in %s reads back its own output', (locale) => {
    const { editable, parse } = formatsOf(locale);
    for (const value of [0, 0.1, 0.99, 1.15, 1000, 1_000_000, Number.MAX_SAFE_INTEGER]) {
      expect(parse(editable(value))).toBe(value);
    }
  });
});
