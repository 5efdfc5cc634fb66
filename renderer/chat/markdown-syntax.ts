/**
 * The Markdown of chats, as models write it and readers expect it: GFM without single tildes, line breaks where they were
 * typed, formulas, and emphasis and links that work beside Chinese, Japanese and Korean. HTML is text, except `<br>`.
 */
import type { Break, Html, Link, PhrasingContent, Root, RootContent, Text } from 'mdast';
import remarkBreaks from 'remark-breaks';
import remarkCjkFriendly from 'remark-cjk-friendly';
import remarkCjkStrikethrough from 'remark-cjk-friendly-gfm-strikethrough';
import remarkGfm from 'remark-gfm';
import type { PluggableList, Plugin } from 'unified';
import { SKIP, visit } from 'unist-util-visit';
import { remarkFormulas } from './math/syntax.ts';

const flowParents = new Set(['root', 'blockquote', 'listItem', 'footnoteDefinition']);
const breakTag = /<br\s*\/?>/i;

/** Shows HTML as the text it is, and `<br>` as a line break. */
const remarkHtmlAsText: Plugin<[], Root> = function () {
  return (tree) => {
    visit(tree, 'html', (node, index, parent) => {
      if (index === undefined || !parent) return;
      const content = textOf(node);
      const siblings: RootContent[] = parent.children;
      const next = siblings[index + 1];
      if (content.at(-1)?.type === 'break' && next?.type === 'text') next.value = withoutLineEnd(next.value);
      const isFlow = flowParents.has(parent.type);
      siblings.splice(index, 1, ...(isFlow ? [{ type: 'paragraph', children: content } as const] : content));
      return [SKIP, index + (isFlow ? 1 : content.length)];
    });
  };
};

function textOf({ value }: Html): (Break | Text)[] {
  return value.split(breakTag).flatMap((text, index): (Break | Text)[] => {
    const words = index === 0 ? text : withoutLineEnd(text);
    return [...(index === 0 ? [] : [{ type: 'break' } as const]), ...(words === '' ? [] : [textNode(words)])];
  });
}

function textNode(value: string): Text {
  return { type: 'text', value };
}

/** The line end of the source after `<br>` is no second break. */
function withoutLineEnd(text: string): string {
  return text.replace(/^[ \t]*\n/, '');
}

const cjkLetter = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}';
/** A letter that follows a Latin one, or punctuation: the sentence goes on. An address may have such letters after `/`. */
const sentenceGoesOn = new RegExp(
  `(?<=[A-Za-z0-9])[${cjkLetter}]|[\\u3000-\\u303f\\uff00-\\uff65\\u2018-\\u201d…—]`,
  'u',
);

/** Ends a bare address where a sentence in Chinese, Japanese or Korean goes on. */
const remarkLinksBesideCjk: Plugin<[], Root> = function () {
  return (tree) => {
    visit(tree, 'link', (node, index, parent) => {
      if (index === undefined || !parent || !isBare(node)) return;
      const [text] = node.children;
      if (text?.type !== 'text') return;
      const end = text.value.search(sentenceGoesOn);
      if (end <= 0) return;
      const after = text.value.slice(end);
      const url = node.url.slice(0, node.url.length - after.length);
      const siblings: (PhrasingContent | RootContent)[] = parent.children;
      siblings.splice(index, 1, { ...node, url, children: [textNode(text.value.slice(0, end))] }, textNode(after));
      return [SKIP, index + 1];
    });
  };
};

function isBare({ url, title, children }: Link): boolean {
  const [text, ...others] = children;
  return (
    others.length === 0 &&
    title == null &&
    text?.type === 'text' &&
    (url === text.value || url === `http://${text.value}`)
  );
}

export const remarkPlugins: PluggableList = [
  [remarkGfm, { singleTilde: false }],
  remarkCjkFriendly,
  [remarkCjkStrikethrough, { singleTilde: false }],
  remarkFormulas,
  remarkHtmlAsText,
  remarkLinksBesideCjk,
  remarkBreaks,
];
