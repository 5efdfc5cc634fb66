import clsx from 'clsx';
import { type ReactNode, memo, useEffect, useMemo, useRef } from 'react';
import type { Run } from '../../preload/contract.ts';
import { useLanguage } from '../strings/index.ts';
import { duration } from '../ui/format.ts';
import { heatOf } from './heat.ts';
import { useLatency } from './store.ts';

export const heatLooks = ['', 'bg-heat-1', 'bg-heat-2', 'bg-heat-3', 'bg-heat-4'] as const;

type Part = 'text' | 'thought';

/**
 * The answer or its thought as the model wrote it, with each token tinted by its time. It is not Markdown, because marks
 * are tokens too. Text from before the run, and text without a token, has no tint.
 */
export function HeatText({
  text,
  run,
  part,
}: {
  readonly text: string;
  readonly run: Run;
  readonly part: Part;
}): ReactNode {
  const frame = useRef<HTMLParagraphElement>(null);
  const pointed = useLatency((latency) => latency.pointed);
  useEffect(() => {
    const token = pointed === undefined ? undefined : frame.current?.querySelector(`[data-token="${pointed}"]`);
    token?.setAttribute('data-pointed', '');
    return () => token?.removeAttribute('data-pointed');
  }, [pointed]);
  const written = useMemo(() => run.tokens.map((token) => token[part] ?? '').join(''), [run, part]);
  // A run from before thoughts were apart has their marks: then its tokens are all there is to show.
  const start = text.indexOf(written);
  return (
    <p
      ref={frame}
      data-testid={part === 'text' ? 'answer-text' : 'thought-text'}
      className="leading-7 wrap-anywhere whitespace-pre-wrap"
    >
      {start >= 0 && text.slice(0, start)}
      <Tokens run={run} part={part} />
      {start >= 0 && text.slice(start + written.length)}
    </p>
  );
}

const Tokens = memo(function Tokens({ run, part }: { readonly run: Run; readonly part: Part }): ReactNode {
  useLanguage();
  const heat = useMemo(() => heatOf(run.tokens), [run]);
  return run.tokens.map((token, index) => {
    const { stepUs, [part]: text } = token;
    if (text === undefined || (part === 'text' && text === '' && token.thought !== undefined)) return null;
    return (
      <span
        key={index}
        data-token={index}
        title={duration(stepUs)}
        className={clsx('rounded-xs data-pointed:outline-2 data-pointed:outline-accent', heatLooks[heat[index] ?? 0])}
      >
        {text}
      </span>
    );
  });
});
