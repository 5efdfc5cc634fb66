import type { Nodes } from 'mdast';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { describe, expect, test } from 'vitest';
import { remarkPlugins } from './markdown-syntax.ts';
import { plainText } from './plain-text.ts';

const parser = unified().use(remarkParse).use(remarkPlugins).freeze();

/** The text with its marks as tags, such as `<strong>word</strong>`. */
function marked(markdown: string): string {
  const tree = parser.parse(markdown);
  parser.runSync(tree, markdown);
  return tree.children.map(tagged).join('');
}

function tagged(node: Nodes): string {
  if ('value' in node) return node.value;
  if (node.type === 'break') return '<br>';
  const inner = 'children' in node ? node.children.map(tagged).join('') : '';
  if (['paragraph', 'table', 'tableRow'].includes(node.type)) return `${inner}\n`;
  return node.type === 'link' ? `<a ${node.url}>${inner}</a>` : `<${node.type}>${inner}</${node.type}>`;
}

describe('a single tilde is text', () => {
  const text = 'It takes 3~5 days and costs 100~200 euros.\n\nCopy ~/notes to ~/backup, about ~50% of it (~$1.50).';
  test('on the screen', () => expect(marked(text)).toBe(`${text.replace('\n\n', '\n')}\n`));
  test('in a copy', () => expect(plainText(text)).toBe(text));
  test('two tildes strike through, also beside Chinese', () => {
    expect(marked('~~gone~~ 这是~~“删除”~~的')).toBe('<delete>gone</delete> 这是<delete>“删除”</delete>的\n');
  });
});

describe('line breaks stay as typed', () => {
  test.each([
    ['Roses are red\nViolets are blue\nSugar is sweet', 'Roses are red<br>Violets are blue<br>Sugar is sweet\n'],
    ['Ada\r\n1 Sea Street', 'Ada<br>1 Sea Street\n'],
    ['hard  \nbreak', 'hard<br>break\n'],
    ['**two\nlines**', '<strong>two<br>lines</strong>\n'],
    ['> said\n> so', '<blockquote>said<br>so\n</blockquote>'],
  ])('of %j', (text, shown) => expect(marked(text)).toBe(shown));

  test('in a copy', () => {
    expect(plainText('- Roses are red\n  Violets are blue\n\nSugar\nis sweet')).toBe(
      '- Roses are red\n  Violets are blue\n\nSugar\nis sweet',
    );
  });
});

describe('HTML is text, and <br> is a line break', () => {
  test.each([
    [
      '| Step | What |\n|---|---|\n| 1 | first<br>second<BR/>third |',
      '<tableCell>Step</tableCell><tableCell>What</tableCell>\n<tableCell>1</tableCell><tableCell>first<br>second<br>third</tableCell>\n\n',
    ],
    ['one<br />\ntwo', 'one<br>two\n'],
    ['<br>\nalone', '<br>alone\n'],
    ['a <b>tag</b> & <script>x</script>', 'a <b>tag</b> & <script>x</script>\n'],
    ['<div>\n*not* parsed\n</div>', '<div><br>*not* parsed<br></div>\n'],
  ])('in %j', (text, shown) => expect(marked(text)).toBe(shown));

  test('a copied table keeps one line a row', () => {
    expect(plainText('| Step | What |\n|---|---|\n| 1 | first<br>second |')).toBe('Step\tWhat\n1\tfirst second');
  });
});

describe('beside Chinese, Japanese and Korean', () => {
  test.each([
    ['**注意：**请先保存', '<strong>注意：</strong>请先保存\n'],
    ['这是**“重点”**内容', '这是<strong>“重点”</strong>内容\n'],
    ['これは**強調（きょうちょう）**です', 'これは<strong>強調（きょうちょう）</strong>です\n'],
    ['**스크립트(script)**는', '<strong>스크립트(script)</strong>는\n'],
    ['请看https://example.com/a?b=1。更多', '请看<a https://example.com/a?b=1>https://example.com/a?b=1</a>。更多\n'],
    ['见 https://example.com查看', '见 <a https://example.com>https://example.com</a>查看\n'],
    ['见 www.example.com，谢谢', '见 <a http://www.example.com>www.example.com</a>，谢谢\n'],
    ['（https://example.com/x）', '（<a https://example.com/x>https://example.com/x</a>）\n'],
    ['https://zh.wikipedia.org/wiki/龍', '<a https://zh.wikipedia.org/wiki/龍>https://zh.wikipedia.org/wiki/龍</a>\n'],
    ['[文字。](https://example.com/文。)', '<a https://example.com/文。>文字。</a>\n'],
  ])('%s', (text, shown) => expect(marked(text)).toBe(shown));
});
