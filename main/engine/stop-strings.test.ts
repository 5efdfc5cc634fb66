import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StopStrings } from './stop-strings.ts';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 6 });
const stopList = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 3,
});

/** Whether more text could complete a stop string at the end of `text`. */
const open = (text: string, stops: readonly string[]): number =>
  Math.max(
    0,
    ...stops.flatMap((stop) =>
      Array.from({ length: stop.length - 1 }, (_, index) => index + 1).filter((length) =>
        text.endsWith(stop.slice(0, length)),
      ),
    ),
  );

describe('stop strings', () => {
  test('show exactly the text before the first stop string, for any cuts', () => {
    fc.assert(
      fc.property(stopList, fc.array(letters, { maxLength: 10 }), (stops, parts) => {
        const whole = parts.join('');
        const ends = stops.map((stop) => whole.indexOf(stop)).filter((index) => index >= 0);
        const watch = new StopStrings(stops);
        let shown = '';
        let seen = '';
        for (const part of parts) {
          shown += watch.push(part);
          seen += part;
          if (watch.matched) break;
          // Only text that may still become a stop string is held back.
          expect(shown).toBe(seen.slice(0, seen.length - open(seen, stops)));
        }
        expect(watch.matched).toBe(ends.length > 0);
        if (!watch.matched) expect(shown + watch.flush()).toBe(whole);
        else {
          // A later part may complete an earlier stop string, but not after the answer has ended.
          const first = stops.map((stop) => seen.indexOf(stop)).filter((index) => index >= 0);
          expect(shown).toBe(seen.slice(0, Math.min(...first)));
          expect(stops.some((stop) => shown.includes(stop))).toBe(false);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('return nothing after the end', () => {
    const watch = new StopStrings(['END']);
    expect(['one E', 'ND two', 'three'].map((part) => watch.push(part))).toEqual(['one ', '', '']);
    expect(watch.flush()).toBe('');
  });

  test('return the text unchanged if there are none', () => {
    const watch = new StopStrings(['']);
    expect(watch.push('abc')).toBe('abc');
    expect(watch.flush()).toBe('');
  });
});
