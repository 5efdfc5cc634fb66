/** A row of a linear layer must be the same on every processor and with any other rows in the call. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../random.ts';
import { blockNames, filledWeight, randomInputs, randomWeight } from './gguf-blocks.ts';
import { kernels } from './kernel-test-addon.ts';
import { linear, shapes, widthOf } from './linear-case.ts';

const sets = kernels.instructionSets();
afterAll(() => {
  kernels.useInstructionSet(sets[0]!);
  kernels.useThreads(2);
});

describe.each(sets)('rows with %s', (set) => {
  it.each(blockNames)('have the bits of portable code, with any other rows beside them, %s', (name) => {
    fc.assert(
      fc.property(shapes, ({ rows, blocks, tokens, isAdded, isFine, threads, seed }) => {
        const random = randomFrom(seed);
        const width = widthOf(name, blocks);
        const weight = randomWeight(name, rows, width, random);
        const inputs = randomInputs(tokens * width, random);
        const added = isAdded ? randomInputs(tokens * rows, random) : undefined;
        kernels.useThreads(threads);
        kernels.useInstructionSet('portable');
        const expected = linear(weight, inputs, tokens, { added, isFine });
        kernels.useInstructionSet(set);
        expect(linear(weight, inputs, tokens, { added, isFine })).toEqual(expected);
        for (let token = 0; token < tokens; token++) {
          const [from, to] = [token * rows, (token + 1) * rows];
          const alone = linear(weight, inputs.subarray(token * width, (token + 1) * width), 1, {
            added: added?.subarray(from, to),
            isFine,
          });
          expect(alone).toEqual(expected.subarray(from, to));
        }
      }),
      { numRuns: 4 },
    );
  });

  it.each(blockNames)('have these bits for the largest numbers too, %s', (name) => {
    const [rows, width] = [48, widthOf(name, 2)];
    const inputs = Float32Array.from(
      { length: 3 * width },
      (_, i) => [1, -1, i % 2 === 0 ? 1 : -1][Math.floor(i / width)]!,
    );
    for (const [even, odd] of [
      [0xff, 0xff],
      [0x80, 0x80],
      [0x80, 0x7f],
    ] as const) {
      const weight = filledWeight(name, rows, width, (i) => (i % 2 === 0 ? even : odd));
      for (const isFine of [false, true]) {
        kernels.useInstructionSet('portable');
        const expected = linear(weight, inputs, 3, { isFine });
        kernels.useInstructionSet(set);
        expect(linear(weight, inputs, 3, { isFine })).toEqual(expected);
        expect(linear(weight, inputs.subarray(0, width), 1, { isFine })).toEqual(expected.subarray(0, rows));
      }
    }
  });
});
