import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FlatBufferError } from './flat-buffer.ts';
import { readFlatTensor } from './flat-tensor.ts';

const file = readFileSync(join(import.meta.dirname, '../../../e2e/fixtures/contract-a/separate-data.ptd'));
const flatBuffer = file.subarray(0, Number(file.readBigUInt64LE(16) + file.readBigUInt64LE(24)));

test('weights are named, each in a segment of the file', () => {
  const { keys, segments } = readFlatTensor(flatBuffer);
  expect(keys).toContain('tok_embeddings.weight');
  expect(segments.length).toBeGreaterThan(0);
  const end = segments.reduce((last, { offset, size }) => (offset + size > last ? offset + size : last), 0n);
  expect(end).toBeLessThanOrEqual(BigInt(file.length) - file.readBigUInt64LE(32));
});

test('whatever is changed in a weights file, reading it ends in facts or in a typed error', () => {
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
