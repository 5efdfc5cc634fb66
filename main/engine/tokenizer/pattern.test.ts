import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadAddon } from '../addon.ts';
import { EngineFailure } from '../errors.ts';
import { openTokenizer } from './open.ts';
import { compilePattern, literalPattern, type Dialect } from './pattern.ts';

const matches = (pattern: string, text: string, dialect: Dialect = 'oniguruma'): string[] =>
  Array.from(text.matchAll(compilePattern(pattern, dialect)), ([match]) => match);

describe('patterns', () => {
  test.each([
    ['white space is Unicode’s', '\\s+', 'a\u0085\u3000b\ufeffc', ['\u0085\u3000']],
    ['its complement in a class', '[^\\s]', '\u0085\ufeff', ['\ufeff']],
    ['digits of all scripts', '\\d+', '१२3½', ['१२3']],
    ['words', '\\w+', 'é_1-१', ['é_1', '१']],
    ['case, in a group', "(?i:'s|'LL)", "'S 'll 'ſ", ["'S", "'ll", "'ſ"]],
    ['case, from here on', 'a(?i)b|c', 'aB C', ['aB']],
    ['scripts by name', '\\p{Han}+|\\P{Han}', '漢字a', ['漢字', 'a']],
    ['negated properties', '\\p{^L}', 'a1', ['1']],
    ['ranges and minuses', '[a-c\\-x-]+', 'ab-xz', ['ab-x']],
    ['a bracket first in a class', '[]a]+', 'a]b', ['a]']],
    ['classes in classes', '[a[b-c]]+', 'abcd', ['abc']],
    ['intersections', '[\\p{L}&&[^\\p{Han}]]+', 'a漢b', ['a', 'b']],
    ['escapes of characters that need none', "\\'\\/\\-\\ ", "'/- ", ["'/- "]],
    ['code points', '\\u4e00|\\x{1F600}|\\x41', '一😀A', ['一', '😀', 'A']],
    ['a dot stops at the line', '.+', 'a\rb\nc', ['a\rb', 'c']],
    ['the end of a line', 'a$', 'a\nba', ['a', 'a']],
    ['possessive quantifiers do not backtrack', 'a++a|b', 'aaab', ['b']],
    ['nor do atomic groups', '(?>a|ab)c', 'abc ac', ['ac']],
    ['lazy quantifiers', 'a+?', 'aa', ['a', 'a']],
    ['counts without a least', 'a{,2}b', 'aaab', ['aab']],
    ['a brace without a count', 'a{b', 'a{b', ['a{b']],
    ['POSIX brackets', '[[:alpha:][:^ascii:]]+', 'a1é²', ['a', 'é²']],
    ['case no longer ignored', '(?i)a(?-i:b)', 'Ab aB', ['Ab']],
    ['look-behind', '(?<=a)b(?<!c)', 'ab', ['b']],
  ])('%s', (_, pattern, text, wanted) => {
    expect(matches(pattern, text).filter((match) => match !== '')).toEqual(wanted);
  });

  test('a plus after a count repeats it in Oniguruma and makes it possessive in fancy-regex', () => {
    expect(matches('a{1,2}+a', 'aaaa', 'oniguruma')).toEqual(['aaaa']);
    expect(matches('a{1,2}+a', 'aaaa', 'fancy-regex')).toEqual(['aaa']);
  });

  test('a literal matches only itself', () => {
    expect('a.b*|'.replace(literalPattern('.b*|'), 'x')).toBe('ax');
  });

  test.each([
    '(',
    ')',
    '[',
    '[a',
    'a\\',
    '(?',
    '\\p{Nonsense}',
    '\\p',
    '\\x{110000}',
    '(a)\\1',
    '\\K',
    '(?#c)',
    '[[:nonsense:]]',
    '*',
    'a'.repeat(20_000),
    '('.repeat(100) + ')'.repeat(100),
    '['.repeat(100) + ']'.repeat(100),
    '[z-a]',
  ])('refused by name (%#)', (pattern) => {
    expect(() => compilePattern(pattern, 'oniguruma')).toThrow(/^(its|one of its) pattern/);
  });
});

test.each(['(a+)+$', '(a|a)*b', '(.*)*x'])(
  'a tokenizer whose pattern explodes (%s) fails with a reason, and soon',
  async (Regex) => {
    const path = join(mkdtempSync(join(tmpdir(), 'wyvern-pattern-')), 'tokenizer.json');
    const pre_tokenizer = { type: 'Split', pattern: { Regex }, behavior: 'Isolated' };
    writeFileSync(path, JSON.stringify({ pre_tokenizer, model: { type: 'BPE', vocab: { a: 0 }, merges: [] } }));
    const tokenizer = await openTokenizer(await loadAddon(), path, undefined);
    const encode = (): unknown => tokenizer.encode(`${'a'.repeat(10_000)}!`, { specialTokens: false });
    expect(encode).toThrow(EngineFailure);
    expect(encode).toThrow(/does not come to an end on this text/);
    expect(tokenizer.encode('', { specialTokens: false })).toEqual([]);
  },
);
