import { expect, test } from 'vitest';
import { matchingPrompts, slashQuery } from './slash.ts';

const prompts = ['Find bugs', 'Explain', 'Übersetzen', 'Re-explain', 'Unexplained', '翻译'].map((name, index) => ({
  id: String(index),
  name,
  text: 'x',
}));
const found = (query: string): readonly string[] => matchingPrompts(prompts, query).map(({ name }) => name);

test('a slash at the beginning of one short line is a query', () => {
  expect(slashQuery('/')).toBe('');
  expect(slashQuery('/find bugs')).toBe('find bugs');
  for (const text of ['', ' /find', 'a/b', '/find\n', `/${'x'.repeat(60)}`]) expect(slashQuery(text)).toBeUndefined();
});

test('an empty query finds all prompts in their order', () => {
  expect(found('')).toEqual(prompts.map(({ name }) => name));
});

test('the beginning of the name comes before a word, and a word before other letters', () => {
  expect(found('expl')).toEqual(['Explain', 'Re-explain', 'Unexplained']);
  expect(found('bugs')).toEqual(['Find bugs']);
});

test('case and accents do not matter', () => {
  expect(found('uber')).toEqual(['Übersetzen']);
  expect(found('翻')).toEqual(['翻译']);
});

test('a path or a fraction finds nothing, so that Enter sends it', () => {
  expect(found('etc/hosts')).toEqual([]);
  expect(found('2 of the pie')).toEqual([]);
});
