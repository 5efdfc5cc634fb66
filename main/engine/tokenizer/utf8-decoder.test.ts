import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Decoder } from './utf8-decoder.ts';

const cuts = fc.array(fc.nat(64), { maxLength: 12 });

/** Cuts bytes anywhere, as tokens do. */
function cutAt(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => Math.min(place, whole.length)).sort((a, b) => a - b), whole.length];
  return at.slice(1).map((end, index) => whole.slice(at[index], end));
}

test('decodes text cut anywhere completely, and never half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), cuts, (text, places) => {
      const parts = cutAt(new TextEncoder().encode(text), places);
      const decoder = utf8Decoder((id) => parts[id] ?? new Uint8Array());
      let shown = '';
      parts.forEach((_, id) => {
        shown += decoder.push(id);
        expect(text.startsWith(shown)).toBe(true);
      });
      expect(shown + decoder.flush()).toBe(text);
    }),
  );
});

test('decodes invalid bytes in parts as it decodes them at once', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), cuts, (bytes, places) => {
      const parts = cutAt(bytes, places);
      const decoder = utf8Decoder((id) => parts[id] ?? new Uint8Array());
      const shown = parts.map((_, id) => decoder.push(id)).join('') + decoder.flush();
      expect(shown).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    }),
  );
});
