/**
 * SentencePiece's normalisation rules in a `tokenizer.json`. The base64 text has, in little-endian order, the size of a trie in
 * bytes (u32), the trie (Darts-clone's double array, u32 units), and the replacements, each with a zero byte at its end. The
 * trie's values are offsets into the replacements. The rules apply as in the `tokenizers` library, quirks included: to a
 * grapheme of fewer than six bytes, else to each character. The shortest matching rule counts.
 */
import type { Normalize } from './normalizer.ts';

const utf8 = new TextEncoder();
const maxGraphemeBytes = 5;

/** @throws Error if the rules are damaged */
export function charsmapNormalizer(base64: string): Normalize {
  const bytes = Buffer.from(base64, 'base64');
  const size = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (size === 0 || size % 4 !== 0 || size > bytes.length - 4) throw new Error('its normalization rules are damaged.');
  const units = Uint32Array.from({ length: size / 4 }, (_, index) => bytes.readUInt32LE(4 + index * 4));
  const replacements = bytes.subarray(4 + size);
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

  const transform = (chunk: string): string | undefined => {
    const value = shortestMatch(units, utf8.encode(chunk));
    if (value === undefined || value >= replacements.length) return undefined;
    const end = replacements.indexOf(0, value);
    return replacements.toString('utf8', value, end < 0 ? replacements.length : end);
  };
  const normalize = (grapheme: string): string =>
    (Buffer.byteLength(grapheme) <= maxGraphemeBytes ? transform(grapheme) : undefined) ??
    Array.from(grapheme, (character) => transform(character) ?? character).join('');
  return (text) => Array.from(graphemes.segment(text), ({ segment }) => normalize(segment)).join('');
}

function shortestMatch(units: Uint32Array, key: Uint8Array): number | undefined {
  const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  let node = offsetOf(units[0] ?? 0);
  for (const byte of key) {
    node ^= byte;
    const unit = units[node];
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
    node ^= offsetOf(unit);
    if (((unit >>> 8) & 1) === 1) return (units[node] ?? 0x7fffffff) & 0x7fffffff;
  }
  return undefined;
}
