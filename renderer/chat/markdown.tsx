/**
 * Draws model text as Markdown. The text is hostile: HTML and images show as text, and a link opens only after the person
 * has seen its full address.
 */
import { type ComponentProps, type ReactNode, memo } from 'react';
import Markdown, { type Components, type ExtraProps } from 'react-markdown';
import { askToOpen, openableUrl } from '../links/store.ts';
import { strings, useLanguage } from '../strings/index.ts';
import { CodeBlock } from './code-block.tsx';
import { type Block, shownMarkdown } from './markdown-blocks.ts';
import { Formula } from './math/formula.tsx';
import { formulasOnOwnLines } from './math/own-lines.ts';
import { healed } from './markdown-healing.ts';
import { remarkPlugins } from './markdown-syntax.ts';
import { mathClasses } from './math/syntax.ts';

/** @param writing The text still grows. Open marks at its end are completed, so that `**bo` is bold at once. */
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
            growing={writing}
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
  growing,
  writing,
}: {
  readonly text: string;
  readonly whole: true | undefined;
  readonly growing: boolean;
  /** The block is the last one of a growing text. */
  readonly writing: boolean;
}): ReactNode {
  useLanguage();
  const shown = shownMarkdown({ text, whole }, growing);
  return (
    <div className="block">
      <Markdown
        remarkPlugins={remarkPlugins}
        remarkRehypeOptions={{ footnoteLabel: strings.chat.footnotes }}
        components={components}
        urlTransform={keep}
      >
        {formulasOnOwnLines(writing ? healed(shown) : shown)}
      </Markdown>
    </div>
  );
});

/** `openableUrl` decides about addresses where they are used. */
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
  // Omit the arrow at the end of a footnote, because references do not link to footnotes.
  if ('data-footnote-backref' in props) return null;
  const url = openableUrl(href);
  if (url === undefined) return <span>{children}</span>;
  // No href, so that a middle click or a drag has nothing to follow.
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

/** Fences inside lists and quotes. At the top level they are blocks of their own. */
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
