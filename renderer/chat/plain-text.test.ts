import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text.ts';

describe('an answer as plain text', () => {
  it.each([
    ['# Head\n\nSome **bold**, *slanted* and `code`.', 'Head\n\nSome bold, slanted and code.'],
    ['1. one\n2. two\n   - a\n   - b', '1. one\n2. two\n  - a\n  - b'],
    ['- [x] done\n- [ ] open', '- [x] done\n- [ ] open'],
    ['```js\nlet a = **1**;\n```', 'let a = **1**;'],
    ['| a | b |\n|---|---|\n| 1 | **2** |', 'a\tb\n1\t2'],
    ['> said\n> so', '> said\n> so'],
    ['See [this](https://a.example/x) or https://b.example/.', 'See this (https://a.example/x) or https://b.example/.'],
    ['Let $x_1$ be\n\n\\[ y = 2 \\]', 'Let x_1 be\n\ny = 2'],
    [
      'So[^1], as [they][t] say.\n\n[^1]: Or not.\n\n[t]: https://a.example',
      'So[1], as they [t] say.\n\n[1] Or not.\n\n[t] https://a.example',
    ],
    ['<b>not</b> HTML', '<b>not</b> HTML'],
    ['', ''],
  ])('of %j', (markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });

  it('is the text itself if it has no marks', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zà-ÿ一-龥]{1,8}$/u), { minLength: 1 }), (words) => {
        expect(plainText(words.join(' '))).toBe(words.join(' '));
      }),
    );
  });
});
