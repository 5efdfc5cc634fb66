import fc from 'fast-check';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createCodec } from './codec.ts';

const codec = createCodec();
const through = (value: unknown): unknown => codec.decode(codec.encode(value));

const leaf = fc.oneof(
  fc.string(),
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, Number.NaN, -0, Number.POSITIVE_INFINITY),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.int32Array(),
  fc.float64Array(),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('$type')), tie('value')),
    fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
    fc.array(leaf).map((items) => new Set(items)),
  ),
}));

test('cloneable values arrive like structured clones', () => {
  fc.assert(
    fc.property(value, (original) => {
      expect(through(original)).toEqual(structuredClone(original));
    }),
    { numRuns: 1000 },
  );
});

test('an error keeps its name and message', () => {
  expect(through(new RangeError('too far'))).toMatchObject({ name: 'RangeError', message: 'too far' });
});

test.each([
  ['a function', () => undefined],
  ['a symbol', Symbol('x')],
  ['a promise', Promise.resolve()],
  ['something inside', { a: [{ b: () => undefined }] }],
])('%s is refused, in Electron’s words', (_what, unclonable) => {
  expect(() => codec.encode(unclonable)).toThrow('An object could not be cloned.');
});

test('shared objects, cycles and holes keep their shape', () => {
  const shared = { x: 1 };
  const [one, two] = through([shared, shared]) as [object, object];
  expect(one).toBe(two);
  const cycle: Record<string, unknown> = { list: new Set() };
  cycle['self'] = cycle;
  (cycle['list'] as Set<unknown>).add(cycle);
  const back = through(cycle) as typeof cycle;
  expect(back['self']).toBe(back);
  expect([...(back['list'] as Set<unknown>)][0]).toBe(back);
  // eslint-disable-next-line no-sparse-arrays -- the hole is the point
  expect(1 in (through([1, , 3]) as unknown[])).toBe(false);
});

test('its source text is self-contained, as the page needs', () => {
  const again = runInThisContext(`(${createCodec.toString()})()`) as typeof codec;
  expect(again.decode(codec.encode({ a: [undefined, 1n] }))).toEqual({ a: [undefined, 1n] });
});
