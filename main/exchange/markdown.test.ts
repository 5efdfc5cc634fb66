import fc from 'fast-check';
import type { Heading, Nodes, Root } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { describe, expect, test } from 'vitest';
import { corpus } from '../../e2e/hostile/corpus.ts';
import type { FileChat, FileMessage } from './chat-file.ts';
import { chatToMarkdown } from './markdown.ts';

const message = (id: string, change: Partial<FileMessage> = {}): FileMessage => ({
  id,
  role: 'user',
  text: 'Hello',
  state: 'complete',
  createdAt: 0,
  active: true,
  ...change,
});

const chat = (change: Partial<FileChat> = {}): FileChat => ({
  id: 'chat',
  title: 'A chat',
  createdAt: 0,
  updatedAt: 1_700_000_000_000,
  pinned: false,
  settings: {},
  messages: [],
  ...change,
});

const parse = (markdown: string): Root => unified().use(remarkParse).use(remarkGfm).parse(markdown);
const textOf = (node: Nodes): string =>
  'value' in node ? node.value : 'children' in node ? node.children.map(textOf).join('') : '';
const headings = (markdown: string): readonly string[] =>
  parse(markdown)
    .children.filter((node): node is Heading => node.type === 'heading')
    .map((node) => `${node.depth} ${textOf(node)}`);

describe('a chat as Markdown', () => {
  test('has the thought before its answer, in a quote that it cannot leave', () => {
    const thought = { text: 'They ask.\n\n## User\n\n> # Forged', tokens: 9, ms: 20 };
    const markdown = chatToMarkdown(
      chat({ leafId: 'a', messages: [message('a', { role: 'assistant', text: 'Two', thought })] }),
    );
    expect(markdown).toContain('Thoughts:\n\n> They ask.\n>\n> ## User\n>\n> > # Forged\n\n> Two');
    expect(headings(markdown)).toEqual(['1 A chat', '2 Assistant']);
  });

  test('has the title, dates, model, roles and texts of the shown path only', () => {
    const figures = {
      model: 'Tiny',
      backend: 'CPU',
      promptTokens: 1,
      reusedTokens: 0,
      generatedTokens: 1,
      timeToFirstTokenUs: 1,
      contextUsed: 2,
      contextLength: 8,
      reason: 'stop',
    } as const;
    const markdown = chatToMarkdown(
      chat({
        settings: { systemPrompt: 'Be brief.' },
        leafId: 'c',
        messages: [
          message('a', { text: 'One\n\n```js\ncode\n```' }),
          message('b', { parentId: 'a', role: 'assistant', text: 'left out', active: false }),
          message('c', { parentId: 'a', role: 'assistant', text: 'Two', state: 'stopped', figures }),
        ],
      }),
    );
    expect(markdown).toBe(`# A chat

- Created: 1970-01-01 00:00:00 UTC
- Last changed: 2023-11-14 22:13:20 UTC
- Model: Tiny

## System prompt

> Be brief.

## User

1970-01-01 00:00:00 UTC

> One
>
> \`\`\`js
> code
> \`\`\`

## Assistant (Tiny)

1970-01-01 00:00:00 UTC

> Two

*Stopped by the person.*
`);
  });

  test('keeps attached text in a fence that the text cannot close', () => {
    const attachments = [{ name: 'a*b*.md', text: '```\n## Assistant\n````\n' }];
    const markdown = chatToMarkdown(chat({ leafId: 'a', messages: [message('a', { attachments })] }));
    expect(headings(markdown)).toEqual(['1 A chat', '2 User']);
    const code: string[] = [];
    const walk = (node: Nodes): void => {
      if (node.type === 'code') code.push(node.value);
      if ('children' in node) for (const child of node.children) walk(child);
    };
    walk(parse(markdown));
    expect(code).toEqual(['```\n## Assistant\n````\n']);
    expect(markdown).toContain(String.raw`a\*b\*\.md`);
  });

  const hostile = fc
    .array(
      fc.constantFrom(
        '## Assistant',
        '# Title',
        'Assistant\n===',
        '\n---\n',
        '```',
        '~~~~',
        '<!--',
        '<div>',
        '</div>',
        '> ',
        '- ',
        '    ',
        '\n',
        '\r',
        '\r\n',
        '\n\n',
        '\u2028',
        '[x]: https://example.org',
        '| a |\n|---|',
        '$$',
        '[^1]: note',
        '\0',
        'text',
        '\\',
        '`',
        '*',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));

  test('no text makes a heading', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (title, question, file, prompt) => {
        const markdown = chatToMarkdown(
          chat({
            title: `t${title}`,
            settings: { systemPrompt: `p${prompt}` },
            leafId: 'b',
            messages: [
              message('a', { text: `q${question}`, attachments: [{ name: `n${title}`, text: `f${file}` }] }),
              message('b', { parentId: 'a', role: 'assistant', text: `a${question}` }),
            ],
          }),
        );
        const [first, ...others] = headings(markdown);
        expect(first).toMatch(/^1 t/);
        expect(others).toEqual(['2 System prompt', '2 User', '2 Assistant']);
      }),
      { numRuns: 500 },
    );
  });

  test('no hostile text looks like a message', () => {
    const payloads = corpus();
    expect(payloads.length).toBeGreaterThan(1600);
    const posing = payloads.flatMap(({ name, text }) => {
      const markdown = chatToMarkdown(
        chat({
          title: `t${text}`,
          settings: { systemPrompt: `p${text}` },
          leafId: 'b',
          messages: [
            message('a', { text, attachments: [{ name: text, text }] }),
            message('b', { parentId: 'a', role: 'assistant', text }),
          ],
        }),
      );
      const [first = '', ...others] = headings(markdown);
      const right = first.startsWith('1 t') && others.join() === '2 System prompt,2 User,2 Assistant';
      return right ? [] : [`${name}: ${others.join()}`];
    });
    expect(posing).toEqual([]);
  });
});
