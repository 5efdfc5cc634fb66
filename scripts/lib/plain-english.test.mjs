import { describe, expect, it } from 'vitest';
import { bannedPhrases } from './plain-english.mjs';

describe('banned phrases', () => {
  it.each([
    'Nobody can tell but by the time.',
    'The file types are told apart by content.',
    'The engine is told the path.',
    'Each file is looked at first.',
    'The library was not to be had.',
    'What is empty is as in the settings.',
    'Is one not met, there is no bundle.',
    'A part of it is kept.',
    'Everything in the store is another.',
  ])('finds one in “%s”', (sentence) => {
    expect(bannedPhrases(sentence)).toHaveLength(1);
  });

  it('finds a phrase that a comment breaks over two lines, and names its line', () => {
    expect(bannedPhrases('/**\n * The two files are told\n * apart by content.\n */')).toMatchObject([
      { line: 2, phrase: 'are told apart' },
    ]);
    expect(bannedPhrases('x\n// Nobody\n// can tell')).toMatchObject([{ line: 2, phrase: 'Nobody can tell' }]);
  });

  it.each([
    'The message says what happened and why.',
    'Check what is missing, then run it again.',
    'The check is not run because of it.',
    'isTold(told) { return behold; }',
    'If it is not there, install it.',
    'const tellsApartment = 1;',
  ])('accepts “%s”', (sentence) => {
    expect(bannedPhrases(sentence)).toEqual([]);
  });
});
