import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FlatBufferError } from './flat-buffer.ts';
import { readFlatTensor } from './flat-tensor.ts';

const file = readFileSync(join(import.meta.dirname, '../../../e2e/fixtures/contract-a/separate-data.ptd'));
const flatBuffer = file.subarray(0, Number(file.readBigUInt64LE(16) + file.readBigUInt64LE(24)));

test('names the weights, each in a segment of the file', () => {
  const { keys, segments } = readFlatTensor(flatBuffer);
  expect(keys).toContain('tok_embeddings.weight');
  expect(segments.length).toBeGreaterThan(0);
  const end = segments.reduce((last, { offset, size }) => (offset + size > last ? offset + size : last), 0n);
  expect(end).toBeLessThanOrEqual(BigInt(file.length) - file.readBigUInt64LE(32));
});

test('does not count data that a backend has packed as tensors', () => {
  const { keys } = readFlatTensor(flatBuffer);
  // XNNPACK names its packed data by the SHA-256 of the bytes.
  expect(flatBuffer.toString('latin1')).toMatch(/[0-9a-f]{64}/);
  expect(keys.filter((key) => /[0-9a-f]{64}/.test(key))).toEqual([]);
});

describe('refuses a weight with a shape that makes the runtime fail', () => {
  /** Returns the FlatBuffer with every match of `pattern` replaced, because the reader may reach any match first. */
  const replaced = (pattern: readonly number[], by: readonly number[]): Uint8Array => {
    const bytes = Buffer.from(flatBuffer);
    const needle = Buffer.from(pattern);
    let at = bytes.indexOf(needle);
    expect(at).toBeGreaterThan(0);
    for (; at >= 0; at = bytes.indexOf(needle, at + needle.length)) bytes.set(by, at);
    return bytes;
  };

  test.each([
    // The vector of two dimensions in row-major order, as FlatBuffers writes it: u32 count, then a byte for each dimension.
    ['an order that names a dimension twice', [2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 1, 1], /another shape/],
    ['an order of fewer dimensions', [2, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 1], /another shape/],
    ['a size below zero', [1, 0, 0, 0, 64, 0, 0, 0], [1, 0, 0, 0, 0xc0, 0xff, 0xff, 0xff], /another shape/],
    ['more elements than bytes', [1, 0, 0, 0, 64, 0, 0, 0], [1, 0, 0, 0, 65, 0, 0, 0], /another shape/],
  ])('%s', (_, pattern, by, reason) => {
    expect(() => readFlatTensor(replaced(pattern, by))).toThrow(reason);
  });
});

test('reads any changed weights file to facts or to a typed error', () => {
  const edits = fc.array(fc.tuple(fc.nat(flatBuffer.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(edits, fc.nat(flatBuffer.length), (changes, cut) => {
      const bytes = Uint8Array.from(cut % 3 === 0 ? flatBuffer.subarray(0, cut) : flatBuffer);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      try {
        readFlatTensor(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FlatBufferError);
      }
    }),
    { numRuns: 3000 * Number(process.env['WYVERN_FUZZ_SCALE'] ?? 1) },
  );
});
