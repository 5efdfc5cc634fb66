/** An answer without Markdown's marks, for pasting into plain text. */
import type { List, Root, RootContent, TableRow } from 'mdast';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { markdownBlocks, shownMarkdown } from './markdown-blocks.ts';
import { remarkPlugins } from './markdown-syntax.ts';
import { formulasOnOwnLines } from './math/own-lines.ts';

const parser = unified().use(remarkParse).use(remarkPlugins).freeze();
const indent = '  ';

/**
 * Words, numbered lists, tables with tabs between columns, code and formulas as written, and links with their address
 * after them. Uses the same blocks as the screen, so that both read the same.
 */
export function plainText(markdown: string): string {
  return markdownBlocks(markdown)
    .map((block) => (block.kind === 'code' ? block.text : plainMarkdown(formulasOnOwnLines(shownMarkdown(block)))))
    .filter((text) => text !== '')
    .join('\n\n');
}

function plainMarkdown(markdown: string): string {
  const tree = parser.parse(markdown);
  // The plugins change the tree in place.
  parser.runSync(tree, markdown);
  return flow(tree.children);
}

function flow(nodes: readonly RootContent[], between = '\n\n'): string {
  return nodes
    .map(block)
    .filter((text) => text !== '')
    .join(between);
}

function block(node: RootContent): string {
  if (node.type === 'list') return list(node);
  if (node.type === 'blockquote') return flow(node.children).replaceAll(/^/gm, '> ');
  if (node.type === 'table') return node.children.map(row).join('\n');
  if (node.type === 'math') return node.value.trim();
  if (node.type === 'thematicBreak') return '———';
  if (node.type === 'definition') return `[${node.label ?? node.identifier}] ${node.url}`;
  if (node.type === 'footnoteDefinition') return `[${node.label ?? node.identifier}] ${flow(node.children)}`;
  return inline(node);
}

function list({ children, ordered, start, spread }: List): string {
  return children
    .map((item, index) => {
      const mark = ordered ? `${(start ?? 1) + index}. ` : '- ';
      const box = item.checked == null ? '' : item.checked ? '[x] ' : '[ ] ';
      const text = flow(item.children, spread || item.spread ? '\n\n' : '\n');
      return mark + box + text.replaceAll(/\n(?=.)/g, `\n${indent}`);
    })
    .join('\n');
}

function row({ children }: TableRow): string {
  return children.map((cell) => cell.children.map(inline).join('').replaceAll('\n', ' ')).join('\t');
}

function inline(node: RootContent | Root): string {
  if (node.type === 'break') return '\n';
  if (node.type === 'image') return node.alt ?? '';
  if (node.type === 'linkReference') return `${node.children.map(inline).join('')} [${node.label ?? node.identifier}]`;
  if (node.type === 'footnoteReference') return `[${node.label ?? node.identifier}]`;
  if (node.type === 'link') {
    const words = node.children.map(inline).join('');
    return words === node.url || `mailto:${words}` === node.url ? words : `${words} (${node.url})`;
  }
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(inline).join('') : '';
}
