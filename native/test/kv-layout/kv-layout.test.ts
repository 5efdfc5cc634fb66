/** Compares the arithmetic of caches and masks with a slow reference over random shapes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kvLayout, type CacheShape, type MaskType } from './kv-layout-test-addon.ts';

const shape = fc.record<CacheShape>({
  heads: fc.integer({ min: 1, max: 5 }),
  headDim: fc.integer({ min: 1, max: 9 }),
  elementBytes: fc.constantFrom(1, 2, 4),
});

/** Bytes that distinguish places as well as 256 values can. */
const noise = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (Math.imul(index + seed, 2_654_435_761) >>> 11) & 255);

/** Returns the offset in bytes of an element. The sequence dimension of its cache or output is `length` long. */
const keyAt =
  ({ headDim, elementBytes }: CacheShape, length: number) =>
  (head: number, dim: number, slot: number) =>
    ((head * headDim + dim) * length + slot) * elementBytes;
const valueAt =
  ({ headDim, elementBytes }: CacheShape, length: number) =>
  (head: number, dim: number, slot: number) =>
    ((head * length + slot) * headDim + dim) * elementBytes;

const kinds = [
  { name: 'keys', at: keyAt, append: kvLayout.appendKeys, repack: kvLayout.repackKeys },
  { name: 'values', at: valueAt, append: kvLayout.appendValues, repack: kvLayout.repackValues },
] as const;

/** Calls `visit` for every element of the first `slots` slots. */
function each(of: CacheShape, slots: number, visit: (head: number, dim: number, slot: number) => void): void {
  for (let head = 0; head < of.heads; head++) {
    for (let dim = 0; dim < of.headDim; dim++) for (let slot = 0; slot < slots; slot++) visit(head, dim, slot);
  }
}

const bytesOf = ({ heads, headDim, elementBytes }: CacheShape, length: number): number =>
  heads * headDim * length * elementBytes;

describe.each(kinds)('$name', ({ at, append, repack }) => {
  test('append fills their slots and changes nothing else', () => {
    const sizes = fc.record({
      ar: fc.integer({ min: 1, max: 8 }),
      past: fc.nat(12),
      spare: fc.nat(6),
      drop: fc.nat(7),
    });
    fc.assert(
      fc.property(shape, sizes, (of, { ar, past, spare, drop }) => {
        const count = Math.max(1, ar - drop);
        const slots = past + count + spare;
        const cache = noise(bytesOf(of, slots), 1);
        const fresh = noise(bytesOf(of, ar), 7);
        const expected = cache.slice();
        const [to, from] = [at(of, slots), at(of, ar)];
        each(of, count, (head, dim, slot) => {
          const source = from(head, dim, slot);
          expected.set(fresh.subarray(source, source + of.elementBytes), to(head, dim, past + slot));
        });
        append(of, cache, slots, fresh, ar, past, count);
        expect(cache).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('repack keeps the resident ones, in place, there and back', () => {
    const sizes = fc.record({
      one: fc.integer({ min: 1, max: 20 }),
      other: fc.integer({ min: 1, max: 20 }),
      used: fc.nat(20),
    });
    fc.assert(
      fc.property(shape, sizes, (of, { one, other, used: wanted }) => {
        const used = Math.min(wanted, one, other);
        const cache = noise(bytesOf(of, Math.max(one, other)), 3);
        const before = cache.slice();
        repack(of, cache, one, other, used);
        const same = (now: Uint8Array, layout: number): boolean => {
          let equal = true;
          each(of, used, (head, dim, slot) => {
            const [a, b] = [at(of, one)(head, dim, slot), at(of, layout)(head, dim, slot)];
            for (let byte = 0; byte < of.elementBytes; byte++) equal &&= before[a + byte] === now[b + byte];
          });
          return equal;
        };
        expect(same(cache, other)).toBe(true);
        repack(of, cache, other, one, used);
        expect(same(cache, one)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a mask', () => {
  const spellings: Readonly<Record<MaskType, (mask: Uint8Array) => readonly boolean[]>> = {
    uint8: (mask) => Array.from(mask, (value) => seen(value, 255, 0)),
    uint16: (mask) => Array.from(new Uint16Array(mask.buffer), (value) => seen(value, 65535, 0)),
    float32: (mask) => Array.from(new Float32Array(mask.buffer), (value) => seen(value, 0, -65535)),
  };
  const width: Readonly<Record<MaskType, number>> = { uint8: 1, uint16: 2, float32: 4 };

  function seen(value: number, attend: number, masked: number): boolean {
    if (value !== attend && value !== masked) throw new Error(`${value} is neither`);
    return value === attend;
  }

  /** Uses positions only: a row sees itself and the positions before it, within the window if there is one. */
  function reference(ar: number, context: number, past: number, window: number): readonly boolean[] {
    const slots = context - ar;
    return Array.from({ length: ar * context }, (_, index) => {
      const [row, column] = [Math.floor(index / context), index % context];
      const position = past + row;
      const other = column < slots ? column : past + column - slots;
      const resident = column < slots ? column < past : true;
      return resident && other <= position && (window === 0 || other > position - window);
    });
  }

  test.each(Object.keys(spellings) as MaskType[])('of %s shows each row exactly its visible positions', (type) => {
    const sizes = fc.record({
      ar: fc.integer({ min: 1, max: 9 }),
      room: fc.nat(20),
      past: fc.nat(20),
      window: fc.nat(30),
    });
    fc.assert(
      fc.property(sizes, ({ ar, room, past: wanted, window }) => {
        const context = ar + room;
        const past = Math.min(wanted, room);
        const mask = noise(ar * context * width[type], 5);
        kvLayout.fillMask(type, mask, ar, context, past, window);
        expect(spellings[type](mask)).toEqual(reference(ar, context, past, window));
      }),
      { numRuns: 1000 },
    );
  });
});
