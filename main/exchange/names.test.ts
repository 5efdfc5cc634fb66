import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldedName, freeName } from './names.ts';

test('a free name is never taken, and never too long', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), fc.nat(20), (name, count) => {
      const taken = new Set<string>();
      for (let index = 0; index <= count; index++) {
        const free = freeName(name, taken, 200);
        expect(taken.has(foldedName(free))).toBe(false);
        expect(free.length).toBeLessThanOrEqual(200);
        taken.add(foldedName(free));
      }
    }),
  );
});
