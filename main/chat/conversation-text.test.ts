import { expect, test } from 'vitest';
import { titleOf } from '../store/first-title.ts';
import { titleFrom, toPrompt } from './conversation-text.ts';

test('roles alternate, also after failed answers', () => {
  const history = [
    { role: 'user', text: 'One' },
    { role: 'assistant', text: '' },
    { role: 'user', text: 'Two' },
    { role: 'assistant', text: 'Half' },
  ].map((message, index) => ({ ...message, id: String(index), state: 'complete', createdAt: 1 })) as never;
  expect(toPrompt(history, ' ')).toEqual([
    { role: 'user', content: 'One\n\nTwo' },
    { role: 'assistant', content: 'Half' },
  ]);
});

test('a title is one line of at most sixty characters, cut at a word', () => {
  expect(titleOf('Short')).toBe('Short');
  const long = titleOf('word '.repeat(40));
  expect(long).toBe(`${'word '.repeat(12).trim()}…`);
  expect(titleOf('👩‍👩‍👧‍👦'.repeat(61))).toBe(`${'👩‍👩‍👧‍👦'.repeat(60)}…`);
});

test.each([
  ['Rain and Clouds', 'Rain and Clouds'],
  ['"Rain"\nand more', 'Rain'],
  ['**Title:** How rain forms.', 'How rain forms'],
  ['## Regen', 'Regen'],
  ['“梨について”', '梨について'],
  ['\u202eevil\u0007 name', 'evil name'],
  ['...', undefined],
  ['word '.repeat(11), undefined],
  ['x'.repeat(61), undefined],
])('the title in %j', (answer, title) => expect(titleFrom(answer)).toBe(title));
