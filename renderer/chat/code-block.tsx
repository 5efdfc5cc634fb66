import { type ReactNode, memo, useEffect, useRef, useState } from 'react';
import { strings, useLanguage } from '../strings/index.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { GrowingHighlight, type Line, highlighterFor } from './highlight.ts';
import { knownLanguage } from './languages.ts';

const chunkLines = 32;

/** Code with the name of its language and a copy button. It appears without colours first. */
export const CodeBlock = memo(function CodeBlock({
  code,
  language,
}: {
  readonly code: string;
  readonly language: string;
}): ReactNode {
  useLanguage();
  const lines = useHighlight(code, knownLanguage(language));
  const source = code.split('\n');
  return (
    <figure className="overflow-hidden rounded-xl border border-line bg-sunken">
      <figcaption className="flex h-9 items-center justify-between border-b border-line pr-1 pl-4 text-xs text-muted select-none">
        <span>{language || strings.chat.code}</span>
        <CopyButton name={strings.chat.copyCode} text={() => code} size="small" />
      </figcaption>
      {/* Focusable, so that arrow keys can scroll it sideways. */}
      <pre
        tabIndex={0}
        aria-label={language || strings.chat.code}
        className="overflow-x-auto px-4 py-3.5 font-mono text-sm leading-[1.6] -outline-offset-2"
      >
        <code>
          {chunks(source).map((texts, index) => (
            <CodeChunk key={index} texts={texts} lines={lines.slice(index * chunkLines, (index + 1) * chunkLines)} />
          ))}
        </code>
      </pre>
    </figure>
  );
});

/**
 * A group of lines in its own element. While code grows, the browser lays out only the last group, and React skips the
 * finished ones.
 */
const CodeChunk = memo(
  function CodeChunk({
    texts,
    lines,
  }: {
    readonly texts: readonly string[];
    readonly lines: readonly Line[];
  }): ReactNode {
    return (
      <span className="block">
        {texts.map((text, index) => {
          const line = lines[index];
          return <CodeLine key={index} text={text} line={line && lengthOf(line) === text.length ? line : undefined} />;
        })}
      </span>
    );
  },
  (before, now) => sameItems(before.texts, now.texts) && sameItems(before.lines, now.lines),
);

const CodeLine = memo(function CodeLine({
  text,
  line,
}: {
  readonly text: string;
  /** Absent until the line is highlighted. */
  readonly line: Line | undefined;
}): ReactNode {
  return (
    <>
      {line?.map((token, index) => (
        <span key={index} style={{ color: token.color }}>
          {token.text}
        </span>
      )) ?? text}
      {'\n'}
    </>
  );
});

function chunks(lines: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(lines.length / chunkLines) }, (_, index) =>
    lines.slice(index * chunkLines, (index + 1) * chunkLines),
  );
}

function sameItems<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** Lines highlighted so far. The last one may lag behind the code and is then shown without colours for a frame. */
function useHighlight(code: string, language: string | undefined): readonly Line[] {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const growing = useRef<GrowingHighlight>(undefined);

  useEffect(() => {
    growing.current = undefined;
  }, [language]);

  useEffect(() => {
    if (language === undefined) return;
    let frame = 0;
    let left = false;
    const step = (): void => {
      const highlight = growing.current;
      if (left || !highlight) return;
      const { lines, complete } = highlight.update(code);
      setLines(lines);
      if (!complete) frame = requestAnimationFrame(step);
    };
    if (growing.current) step();
    else {
      void highlighterFor(language).then((highlighter) => {
        growing.current ??= new GrowingHighlight(highlighter, language);
        step();
      });
    }
    return () => {
      left = true;
      cancelAnimationFrame(frame);
    };
  }, [code, language]);

  return lines;
}

function lengthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0);
}
