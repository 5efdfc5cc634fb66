/** Every prefix of an answer is a possible frame. No block on the screen may vanish or change its kind in the next one. */
import type { Nodes, Root } from 'mdast';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { describe, expect, test } from 'vitest';
import { type Block, MarkdownBlocks, markdownBlocks, shownMarkdown } from './markdown-blocks.ts';
import { healed } from './markdown-healing.ts';
import { remarkPlugins } from './markdown-syntax.ts';
import { mathClasses } from './math/syntax.ts';
import { formulasOnOwnLines } from './math/own-lines.ts';

const parser = unified().use(remarkParse).use(remarkPlugins).freeze();

/** A block of the screen: its kind, and the blocks inside. */
interface Drawn {
  readonly kind: string;
  readonly inside: readonly Drawn[];
}

function drawn(blocks: readonly Block[], growing: boolean): readonly Drawn[] {
  return blocks.flatMap((block, index) => {
    if (block.kind === 'code') return [{ kind: 'code', inside: [] }];
    const shown = shownMarkdown(block, growing);
    const text = growing && index === blocks.length - 1 ? healed(shown) : shown;
    return insideOf(parse(formulasOnOwnLines(text)));
  });
}

function parse(markdown: string): Root {
  const tree = parser.parse(markdown);
  parser.runSync(tree, markdown);
  return tree;
}

function insideOf(node: Nodes): readonly Drawn[] {
  if (!['root', 'list', 'listItem', 'blockquote', 'table'].includes(node.type) || !('children' in node)) return [];
  return node.children.filter(({ type }) => !type.toLowerCase().endsWith('definition')).map(drawnOf);
}

function drawnOf(node: Nodes): Drawn {
  // A display formula that is closed in its first line is part of a paragraph.
  if (node.type === 'paragraph' && node.children.every(isDisplayed)) return { kind: 'math', inside: [] };
  const details = node.type === 'heading' ? node.depth : node.type === 'list' ? Number(node.ordered) : '';
  return { kind: `${node.type}${details}`, inside: insideOf(node) };
}

function isDisplayed(node: Nodes): boolean {
  return node.type === 'inlineMath' && String(node.data?.hProperties?.['className']).includes(mathClasses.display);
}

/** Where `now` lacks a block of `before` or has another kind in its place; undefined if it only grew. */
function lost(before: readonly Drawn[], now: readonly Drawn[], place = ''): string | undefined {
  for (const [index, old] of before.entries()) {
    const here = `${place}/${index} ${old.kind}`;
    const next = now[index];
    if (next?.kind !== old.kind) return `${here} → ${next?.kind ?? 'nothing'}`;
    const inner = lost(old.inside, next.inside, here);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Every change of a drawn block while `text` arrives character by character, and when it is finished. */
function flickers(text: string): readonly string[] {
  const blocks = new MarkdownBlocks();
  const found: string[] = [];
  let before: readonly Drawn[] = [];
  for (let end = 1; end <= text.length; end++) {
    blocks.append(text.charAt(end - 1));
    const now = drawn(blocks.blocks(true), true);
    const change = lost(before, now);
    if (change !== undefined) found.push(`${JSON.stringify(text.slice(0, end))}: ${change}`);
    before = now;
  }
  const change = lost(before, drawn(markdownBlocks(text), false));
  return change === undefined ? found : [...found, `finished: ${change}`];
}

const hard: Readonly<Record<string, string>> = {
  'a list after a paragraph': 'Buy:\n- **bread**\n- *milk*\n- `salt`\n\n1. First\n2. Second\n\n10. Tenth\n',
  'numbers that are no list': 'In\n\n2024 it rained.\n\n3.5 metres. 1) one\n\n42\n\n7. Seventh\n\nEnd',
  'nested lists': '- one\n  - two\n    - three\n\n      text\n- [ ] open\n- [x] done\n\n* star\n+ plus',
  'a table after a paragraph': 'See:\n| a | b |\n|---|:-:|\n| 1 | **2** |\n| 3 | x<br>y |\n\nAfter | all',
  'pipes that are no table': 'Or `x | y` in text, or x | y.\n\n| alone |\n\n|x| is positive\n|y| too',
  'rules and emphasis': '***\n\n**bold** at the start\n\n---\n\n*slanted* _too_\n\n___\n\n***both***\n\n* * *\n\n- - -',
  headings: '# One\n\ntext\n## Two\n#hashtag is text\n\n###### Six\n####### seven is text',
  quotes: '> said\n> so\n>\n> - item\n>\n> > deeper\n\n>quoted\n\nx > y\n\n- > in a list',
  fences: 'Look:\n```py\nx = 1\n```\n`code` and ``more``\n\n~~~\ny\n~~~\n- item\n  ```js\n  z()\n\n  ```\n- next',
  'a document in a fence':
    'Here:\n\n```markdown\n# Title\n\n```bash\nnpm i\n```\n\n```\nplain\n```\n\n## Usage\n```\n\nDone.',
  formulas: 'Let $x$ be\n\n\\[ y = 2 \\]\n\n$$\nz^2\n$$\n\n\\(a\\) costs $5 and $10.\n\n- $$q$$',
  'definitions at the end': 'Tides[^1] are [known][k].\n\n[^1]: By the *Moon*.\n\n[k]: https://example.org "Known"\n',
  'brackets that define nothing': '[Note]: this is text.\n\n[link](https://a.example) and [x]\n\n[^2\n\n[ ] box',
  'line breaks as typed': 'Roses are red\nViolets are blue\n\n- a\nlazy\n- b\n\nEnd  \nhard',
  tildes: '3~5 days, ~50%\n\n~~gone~~ and ~/notes\n\n~ alone',
  HTML: '<think>\nFirst, I *add*.\n\n- two\n\n</think>\n\n<b>bold</b>\n\n<div>\nblock\n\na<br>b <br/>\nc\n\n< 5',
  Chinese:
    '**注意：**请看https://example.com。更多内容\n\n- **“引用”**的文字\n\n表：\n| 甲 | 乙 |\n|---|---|\n| 一 | 二 |',
  'escapes and marks':
    '\\* not a list\n\n\\# no heading\n\n+1 for it\n\n-5 degrees\n\n= equals\n\n_under_score\n\n: colon',
  'carriage returns': 'One\r\nTwo\r\n\r\n- a\r\n- b\r\n\r\n| a | b |\r\n|---|---|\r\n| 1 | 2 |\r\n',
  'a letter after a list': '1. one\n\n   more\n\n2. two\n\nEnd of it.\n\n- x\n\n\n\n- y\n\n    code\n\n  z',
};

describe('an answer that arrives', () => {
  test('has twenty texts of the hard kinds', () => expect(Object.keys(hard)).toHaveLength(20));

  test.each(Object.entries(hard))('never changes the kind of a block on the screen: %s', (_kind, text) => {
    expect(flickers(text)).toEqual([]);
  });
});
