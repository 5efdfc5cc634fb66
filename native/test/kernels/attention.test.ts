import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { attentionCase, attentionError, type AttentionShape } from './attention-case.ts';
import { errors, kernels } from './kernel-test-addon.ts';

const plain: AttentionShape = {
  batch: 1,
  kvHeads: 3,
  group: 3,
  tokens: 1,
  start: 0,
  spare: 0,
  dim: 64,
  visible: 'causal',
  element: 'float32',
  headsFirst: false,
  scale: undefined,
  seed: 1,
};

/** Any shape that a model could have, small enough for the reference. */
const shapes: fc.Arbitrary<AttentionShape> = fc
  .record({
    batch: fc.constantFrom(1, 1, 1, 2),
    kvHeads: fc.integer({ min: 1, max: 4 }),
    group: fc.integer({ min: 1, max: 9 }),
    tokens: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 40 })),
    start: fc.integer({ min: 0, max: 150 }),
    spare: fc.integer({ min: 0, max: 9 }),
    dim: fc.oneof(fc.constantFrom(16, 32, 64, 128), fc.integer({ min: 1, max: 70 })),
    visible: fc.constantFrom('causal', 'all', 'mask'),
    element: fc.constantFrom('float32', 'float16', 'bfloat16', 'int8'),
    headsFirst: fc.boolean(),
    scale: fc.option(fc.double({ min: 0.01, max: 0.5, noNaN: true }), { nil: undefined }),
    seed: fc.integer(),
  })
  .map((shape) => ({ ...shape, headsFirst: shape.headsFirst && shape.element === 'int8' }))
  .filter(
    ({ batch, kvHeads, group, tokens, start, dim }) => batch * kvHeads * group * tokens * (start + tokens) * dim < 4e6,
  );

const [best] = kernels.instructionSets();
afterAll(() => {
  kernels.useInstructionSet(best!);
  kernels.useThreads(2);
});

for (const instructionSet of kernels.instructionSets()) {
  for (const threads of [1, 2]) {
    describe(`attention with ${instructionSet}, threads: ${threads}`, () => {
      const error = (change: Partial<AttentionShape>): number => {
        kernels.useInstructionSet(instructionSet);
        kernels.useThreads(threads);
        return attentionError({ ...plain, ...change });
      };

      it('agrees with attention in doubles over shapes, dtypes, layouts and masks', () => {
        fc.assert(
          fc.property(shapes, (shape) => {
            expect(error(shape)).toBeLessThan(1);
          }),
          { numRuns: 40 },
        );
      });

      it.each([
        { name: 'a decode step deep in a long context', start: 4000 },
        { name: 'a decode step of int8 there', start: 3001, element: 'int8' as const },
        { name: 'a chunk of a prompt deep in a context', tokens: 100, start: 411 },
        { name: 'the first chunk', tokens: 129, kvHeads: 2 },
        { name: 'one KV head for 33 query heads', kvHeads: 1, group: 33, start: 300 },
        { name: 'one KV head for 33 query heads, a prompt', kvHeads: 1, group: 33, tokens: 9, start: 60 },
        { name: 'heads of 256', dim: 256, start: 100, tokens: 5 },
        { name: 'heads of 257', dim: 257, start: 100 },
        { name: 'a decode step under a mask', start: 700, visible: 'mask' as const, spare: 50 },
      ])('agrees on $name', ({ name, ...change }) => {
        expect(error(change), name).toBeLessThan(1);
      });
    });
  }
}

describe('masked slots', () => {
  /** Makes a case whose mask hides the slots of `hidden`, with NaN in the hidden keys' slots. */
  const masked = (tokens: number, hidden: (token: number, slot: number) => boolean): Float64Array => {
    const shape = { ...plain, tokens, start: 80, visible: 'mask', group: 1, kvHeads: 1, dim: 16 } as const;
    const { operator, args, result } = attentionCase(shape);
    const slots = shape.start + tokens;
    const [, key, , , mask] = args as readonly { data: Float32Array }[];
    for (let i = 0; i < tokens * slots; i++) {
      mask!.data[i] = hidden(Math.floor(i / slots), i % slots) ? -Infinity : 0;
    }
    for (let slot = 0; slot < slots; slot++) {
      const unseen = Array.from({ length: tokens }, (_, token) => token).every((token) => hidden(token, slot));
      if (unseen) key!.data.fill(NaN, slot * shape.dim, (slot + 1) * shape.dim);
    }
    expect(kernels.run(operator, args)).toBe(errors.ok);
    return result();
  };

  it.each([1, 7])('give zeros if the mask hides everything (%i tokens)', (tokens) => {
    expect(masked(tokens, () => true).every((x) => x === 0)).toBe(true);
  });

  it.each([1, 7])('give zeros only for the token that sees nothing (%i tokens)', (tokens) => {
    const result = masked(tokens, (token, slot) => token === 0 || slot < 70);
    expect(result.subarray(0, 16).every((x) => x === 0)).toBe(true);
    expect(result.subarray(16).every((x) => x !== 0)).toBe(true);
  });

  it.each([1, 7])('do not affect the result, even with NaN keys (%i tokens)', (tokens) => {
    expect(masked(tokens, (_, slot) => slot % 3 === 0).every(Number.isFinite)).toBe(true);
  });

  it.each([1, 7])('beyond the last position are never read (%i tokens)', (tokens) => {
    const { operator, args, expected, allowed, result } = attentionCase({ ...plain, tokens, start: 30, spare: 40 });
    const [, key, value] = args as readonly { data: Float32Array }[];
    for (const operand of [key!, value!]) operand.data.fill(NaN, (30 + tokens) * plain.kvHeads * plain.dim);
    expect(kernels.run(operator, args)).toBe(errors.ok);
    expect([...result()].every((x, i) => Math.abs(x - expected[i]!) < allowed)).toBe(true);
  });
});

it('keeps extreme scores finite', () => {
  const { operator, args, result } = attentionCase({ ...plain, start: 99, scale: 1e30 });
  expect(kernels.run(operator, args)).toBe(errors.ok);
  expect(result().every(Number.isFinite)).toBe(true);
});
