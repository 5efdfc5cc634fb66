/**
 * Model text as Markdown. It is hostile: no raw HTML (shown as the text it is), no images, and links open only after
 * their whole address was shown.
 */
import { type ComponentProps, type ReactNode, memo } from 'react';
import Markdown, { type Components, type ExtraProps } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import remend from 'remend';
import { askToOpen, openableUrl } from '../links/store.ts';
import { strings, useLanguage } from '../strings/index.ts';
import { CodeBlock } from './code-block.tsx';
import { type Block, shownMarkdown } from './markdown-blocks.ts';
import { Formula } from './math/formula.tsx';
import { formulasOnOwnLines } from './math/own-lines.ts';
import { mathClasses, remarkFormulas } from './math/syntax.ts';

const plugins = [remarkGfm, remarkFormulas];

/** @param writing The last block may end mid-mark: it is completed for the eye, so that `**bo` is bold at once. */
export function Blocks({
  blocks,
  writing = false,
}: {
  readonly blocks: readonly Block[];
  readonly writing?: boolean;
}): ReactNode {
  return (
    <div className="prose" data-testid="answer-text">
      {blocks.map((block, index) =>
        block.kind === 'code' ? (
          <div key={index} className="block">
            <CodeBlock code={block.text} language={block.language} />
          </div>
        ) : (
          <TextBlock
            key={index}
            text={block.text}
            whole={block.whole}
            writing={writing && index === blocks.length - 1}
          />
        ),
      )}
    </div>
  );
}

const TextBlock = memo(function TextBlock({
  text,
  whole,
  writing,
}: {
  readonly text: string;
  readonly whole: true | undefined;
  readonly writing: boolean;
}): ReactNode {
  useLanguage();
  const shown = shownMarkdown({ text, whole });
  const healed = writing ? remend(shown, { katex: false, images: false }) : shown;
  return (
    <div className="block">
      <Markdown
        remarkPlugins={plugins}
        remarkRehypeOptions={{ footnoteLabel: strings.chat.footnotes }}
        components={components}
        urlTransform={keep}
      >
        {formulasOnOwnLines(healed)}
      </Markdown>
    </div>
  );
});

/** Addresses are judged where they are used, by one rule: `openableUrl`. */
function keep(url: string): string {
  return url;
}

const components: Components = {
  a: Link,
  img: ({ alt }) => <em className="text-muted">{strings.chat.image(alt ?? '')}</em>,
  code: InlineCode,
  pre: CodeInList,
  table: ({ children }) => (
    <div className="table-frame" tabIndex={0} role="group">
      <table>{children}</table>
    </div>
  ),
  th: ({ children, style }) => <th data-align={style?.textAlign}>{children}</th>,
  td: ({ children, style }) => <td data-align={style?.textAlign}>{children}</td>,
};

function Link({ href, children, ...props }: ComponentProps<'a'>): ReactNode {
  // The arrow at the end of a footnote: there is no way back where nothing leads to it.
  if ('data-footnote-backref' in props) return null;
  const url = openableUrl(href);
  if (url === undefined) return <span>{children}</span>;
  // Without an href there is nothing for a middle click or a drag to follow.
  return (
    <a
      role="link"
      tabIndex={0}
      className="link"
      onClick={() => askToOpen(url)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') askToOpen(url);
      }}
    >
      {children}
    </a>
  );
}

function InlineCode({ node, children }: ComponentProps<'code'> & ExtraProps): ReactNode {
  const classes = classesOf(node);
  if (!classes.includes(mathClasses.inline) && !classes.includes(mathClasses.display)) return <code>{children}</code>;
  return (
    <Formula
      source={textOf(node)}
      display={classes.includes(mathClasses.display)}
      open={classes.includes(mathClasses.open)}
    />
  );
}

/** Fences inside lists and quotes; those at the top level are blocks of their own. */
function CodeInList({ node }: ComponentProps<'pre'> & ExtraProps): ReactNode {
  const code = node?.children[0];
  if (code?.type !== 'element') return null;
  const language = String(classesOf(code)[0] ?? '').replace('language-', '');
  return <CodeBlock code={textOf(code).replace(/\n$/, '')} language={language.toLowerCase()} />;
}

function classesOf(element: ExtraProps['node']): readonly (string | number)[] {
  const names = element?.properties['className'];
  return Array.isArray(names) ? names : [];
}

function textOf(element: ExtraProps['node']): string {
  return (element?.children ?? []).map((child) => (child.type === 'text' ? child.value : '')).join('');
}
