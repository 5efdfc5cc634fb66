import type { Nodes } from 'mdast';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { visit } from 'unist-util-visit';
import { describe, expect, it } from 'vitest';
import { markdownBlocks } from '../markdown-blocks.ts';
import { formulasOnOwnLines } from './own-lines.ts';
import { mathClasses, remarkFormulas } from './syntax.ts';

/** Every formula in a text: its source, and whether it is inline, display or still open. */
function formulas(text: string): string[] {
  const source = formulasOnOwnLines(text);
  const parser = unified().use(remarkParse).use(remarkFormulas);
  const found: string[] = [];
  visit(parser.runSync(parser.parse(source), source), (node: Nodes) => {
    if (node.type !== 'math' && node.type !== 'inlineMath') return;
    const classes = node.data?.hProperties?.['className'] as readonly string[];
    const kind = classes.includes(mathClasses.display) ? 'display' : 'inline';
    found.push(`${kind}${classes.includes(mathClasses.open) ? ' open' : ''}: ${node.value.trim()}`);
  });
  return found;
}

describe('formulas in Markdown', () => {
  it.each([
    ['Let $x$ be \\(y_1\\), not `$z$`.', ['inline: x', 'inline: y_1']],
    ['$a_b$ and $c_d$, $2$-adic', ['inline: a_b', 'inline: c_d', 'inline: 2']],
    ['It is $5 and $10, 3 $ or $4-$6, \\$7 and $8.', []],
    ['$$x$$', ['display: x']],
    ['so\n$$x$$\nholds', ['display: x']],
    ['$$ x = 1\n+ 2 $$', ['display: x = 1\n+ 2']],
    ['\\[x\\] holds, and \\(y\\).', ['display: x', 'inline: y']],
    ['Here \\[x\\] too', ['display: x']],
    ['- one\n  \\[ x \\]\n- two\n  $$\n  y\n  $$', ['display: x', 'display: y']],
    ['> \\[ x \\]', ['display: x']],
    ['```\n$$ x $$\n```', []],
    ['```\n\\[\n```\n\n$$y$$', ['display: y']],
    ['$$\nx', ['display open: x']],
    ['\\[ x', ['display open: x']],
    ['a \\(x', []],
  ])('finds the formulas in %j', (text, expected) => {
    expect(formulas(text)).toEqual(expected);
  });

  it('keeps a display formula with blank lines in one block', () => {
    const text = 'So\n\n\\[\nx\n\n# y\n\\]\n\nEnd';
    expect(markdownBlocks(text).map((block) => block.text.trim())).toEqual(['So', '\\[\nx\n\n# y\n\\]', 'End']);
  });

  it('does not change text without display formulas', () => {
    const text = 'a $ b\n  \n```\n$$\n```\n';
    expect(formulasOnOwnLines(text)).toBe(text);
  });
});
