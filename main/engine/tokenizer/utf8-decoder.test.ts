import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Decoder } from './utf8-decoder.ts';

/** Bytes cut at random places, as tokens cut characters. */
const cutBytes = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array[]> =>
  fc.tuple(bytes, fc.array(fc.nat(64), { maxLength: 12 })).map(([whole, cuts]) => {
    const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
    return at.slice(1).map((end, index) => whole.slice(at[index], end));
  });

test('text cut anywhere comes out whole, never with half a character', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  fc.assert(
    fc.property(
      text.chain((value) => cutBytes(fc.constant(new TextEncoder().encode(value))).map((cut) => ({ value, cut }))),
      ({ value, cut }) => {
        const decoder = utf8Decoder((id) => cut[id] ?? new Uint8Array());
        let shown = '';
        cut.forEach((_, id) => {
          shown += decoder.push(id);
          expect(value.startsWith(shown)).toBe(true);
        });
        expect(shown + decoder.flush()).toBe(value);
      },
    ),
  );
});

test('bytes that are no text become what decoding them at once gives', () => {
  fc.assert(
    fc.property(cutBytes(fc.uint8Array({ maxLength: 32 })), (cut) => {
      const decoder = utf8Decoder((id) => cut[id] ?? new Uint8Array());
      const shown = cut.map((_, id) => decoder.push(id)).join('') + decoder.flush();
      expect(shown).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(cut)));
    }),
  );
});
