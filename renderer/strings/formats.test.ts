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
