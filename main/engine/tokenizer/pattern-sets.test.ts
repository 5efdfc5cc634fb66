/**
 * Compares pattern classes with the libraries' own over every code point. `python -m export pattern_goldens` makes the goldens.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compilePattern, type Dialect } from './pattern.ts';

const file = join(import.meta.dirname, '../../../e2e/fixtures/tokenizers/patterns.deflate');
const goldens = JSON.parse(inflateSync(readFileSync(file)).toString('utf8')) as Readonly<
  Record<Dialect, Readonly<Record<string, readonly number[]>>>
>;

const codePoints = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff);
/** Uses the chunks of the script, because a boundary depends on the neighbours. */
const chunks = Array.from({ length: Math.ceil(codePoints.length / 4096) }, (_, chunk) =>
  String.fromCodePoint(...codePoints.slice(chunk * 4096, (chunk + 1) * 4096)),
);

/** First and last of each run of code points that the pattern matches, one after the other. */
function rangesOf(pattern: RegExp): number[] {
  const ends: number[] = [];
  for (const chunk of chunks) {
    for (const [match] of chunk.matchAll(pattern)) {
      for (const character of match) {
        const code = character.codePointAt(0) ?? 0;
        const last = ends.at(-1);
        if (last !== undefined && code === last + 1) ends[ends.length - 1] = code;
        else ends.push(code, code);
      }
    }
  }
  return ends;
}

describe.each(['oniguruma', 'fancy-regex'] as const)('%s', (dialect) => {
  test.each(Object.entries(goldens[dialect]))('%s', (source, wanted) => {
    const found = rangesOf(compilePattern(source, dialect));
    const at = found.findIndex((code, index) => code !== wanted[index]);
    expect(at < 0 ? [] : [found[at], wanted[at]].map((code) => code?.toString(16))).toEqual([]);
    expect(found).toHaveLength(wanted.length);
  });
});
