import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, MarkdownBlocks, markdownBlocks, shownMarkdown } from './markdown-blocks.ts';

const text = (value: string): Block => ({ kind: 'text', text: value });
const code = (value: string, language = '', closed = true): Block => ({ kind: 'code', text: value, language, closed });

function streamed(source: string): readonly Block[] {
  const blocks = new MarkdownBlocks();
  blocks.append(source);
  return blocks.blocks(true);
}

describe('finished text', () => {
  it('cuts paragraphs, headings and fences', () => {
    expect(markdownBlocks('One\nstill one\n\nTwo\n# Head\nbody\n```Python x\na = 1\n\nb\n```\nafter')).toEqual([
      text('One\nstill one\n\n'),
      text('Two\n'),
      text('# Head\nbody\n'),
      code('a = 1\n\nb', 'python'),
      text('after'),
    ]);
  });

  it('keeps a loose list whole, with the fences inside its items', () => {
    const list = '1. one\n\n   ```sh\n   ls\n\n   pwd\n   ```\n\n2. two\n\n   more\n';
    expect(markdownBlocks(`${list}\nend`)).toEqual([text(`${list}\n`), text('end')]);
  });

  it('closes a fence only with its own kind and length', () => {
    expect(markdownBlocks('````\n```\n~~~~\n````\nx')).toEqual([code('```\n~~~~'), text('x')]);
  });

  it('cuts a very long line at its spaces, however it arrives', () => {
    const source = 'word '.repeat(3000);
    const whole = markdownBlocks(source);
    expect(whole.length).toBeGreaterThan(2);
    expect(whole.map((block) => block.text.trim()).join(' ')).toBe(source.trim());
    const blocks = new MarkdownBlocks();
    for (let at = 0; at < source.length; at += 7) blocks.append(source.slice(at, at + 7));
    expect(blocks.blocks(false)).toEqual(whole);
  });

  it('ends lines at carriage returns too, as the parser does, so that no fence closes another', () => {
    expect(markdownBlocks('~~~ x\ry\r\n~~~\r\nafter\r# Head')).toEqual([
      code('y', 'x'),
      text('after\n'),
      text('# Head'),
    ]);
  });

  it('continues an unclosed fence to the end', () => {
    expect(markdownBlocks('```js\nlet a')).toEqual([code('let a', 'js')]);
  });

  it('is one block if a part defines links or footnotes, up to a length that parses quickly', () => {
    const noted = 'So it is[^1].\n\n```\n[^1]: no\n```\n\n[^1]: Says [who][w].\n\n[w]: https://example.org';
    expect(markdownBlocks(noted)).toEqual([{ kind: 'text', text: noted, whole: true }]);
    expect(markdownBlocks('a [b]\n\n```\n[b]: c\n```')).toHaveLength(2);
    for (const long of [`${'word\n\n'.repeat(1000)}[a]: b`, `${'word '.repeat(900)}\n\n[a]: b`]) {
      expect(markdownBlocks(long).length).toBeGreaterThan(1);
    }
  });

  it('shows the definitions of a part as text', () => {
    expect(shownMarkdown({ text: '[^1]: Says who.\n  [a]: b\n[c] d: [e]: f' })).toBe(
      '\\[^1]: Says who.\n  \\[a]: b\n[c] d: [e]: f',
    );
  });
});

describe('a fence of Markdown', () => {
  const readme = '# Title\n\n```bash\nnpm i\n```\n\n## Usage';

  it('contains fences with an info string', () => {
    for (const language of ['markdown', 'md']) {
      expect(markdownBlocks(`Here:\n\n\`\`\`${language}\n${readme}\n\`\`\`\n\nDone.`)).toEqual([
        text('Here:\n\n'),
        code(readme, language),
        text('Done.'),
      ]);
    }
  });

  it('contains bare fences between a blank line and a line of text', () => {
    const plain = '# Title\n\n```\nnpm i\n```\n\nEnd';
    expect(markdownBlocks(`\`\`\`md\n${plain}\n\`\`\`\nDone.`)).toEqual([code(plain, 'md'), text('Done.')]);
  });

  it.each([
    ['before a blank line', '```md\n# T\n\n```\n\nDone.', '# T\n', 'Done.'],
    ['if the inner fence would never end', '```md\n# T\n\n```\nDone.', '# T\n', 'Done.'],
    ['after text', '```md\n# T\n```\nDone.', '# T', 'Done.'],
    ['if it is longer than the inner ones', '````md\n```\n\n```\n````\nDone.', '```\n\n```', 'Done.'],
  ])('ends at a bare mark %s', (_where, source, inside, after) => {
    expect(markdownBlocks(source)).toEqual([code(inside, 'md'), text(after)]);
  });

  it('contains a document with a fence of Markdown', () => {
    const inner = '```markdown\n```js\nx\n```\n```';
    expect(markdownBlocks(`\`\`\`md\n${inner}\n\`\`\`\nDone.`)).toEqual([code(inner, 'md'), text('Done.')]);
  });

  it('does not extend to fences of other languages', () => {
    expect(markdownBlocks('```text\n```bash\nx\n```\ny')).toEqual([code('```bash\nx', 'text'), text('y')]);
  });
});

describe('a growing text', () => {
  it('does not take inline code for a fence', () => {
    expect(markdownBlocks('```a``` and b')).toEqual([text('```a``` and b')]);
  });

  it('shows a half-open fence as open code from its first line', () => {
    expect(streamed('Look:\n```py')).toEqual([text('Look:\n'), code('', '', false)]);
    expect(streamed('Look:\n```py\nx = ')).toEqual([text('Look:\n'), code('x = ', 'py', false)]);
  });

  it('holds back the start of a fence', () => {
    expect(streamed('Look:\n``')).toEqual([text('Look:\n')]);
    expect(streamed('```\nx\n``')).toEqual([code('x', '', false)]);
  });
});

const pieces = fc.array(
  fc.constantFrom(
    'word ',
    '\n',
    '\n\n',
    '\r',
    '\r\n',
    '```',
    '```py\n',
    '~~~',
    '- item\n',
    '  in',
    '1. ',
    '# h\n',
    '`',
    '| a |\n',
    '> q',
  ),
  { maxLength: 60 },
);

describe('any text', () => {
  it('gives the same blocks however it arrives', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const blocks = new MarkdownBlocks();
        for (const part of parts) blocks.append(part);
        expect(blocks.blocks(false)).toEqual(markdownBlocks(parts.join('')));
      }),
    );
  });

  it('never changes a block that two others follow', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const blocks = new MarkdownBlocks();
        let before: readonly Block[] = [];
        for (const part of parts) {
          blocks.append(part);
          const now = blocks.blocks(true);
          expect(now.slice(0, Math.max(0, before.length - 2))).toEqual(before.slice(0, -2));
          before = now;
        }
      }),
    );
  });

  it('loses no word', () => {
    const words = /word|item/g;
    fc.assert(
      fc.property(pieces, (parts) => {
        // Each word starts a line, so none is in an info string, which is not shown.
        const source = parts.join('').replace(words, '\n$&');
        const shown = markdownBlocks(source).map((block) => block.text);
        expect(shown.join('').match(words)).toEqual(source.match(words));
      }),
    );
  });
});
