import { RotateCcw } from 'lucide-react';
import { type ReactNode, memo, useMemo, useSyncExternalStore } from 'react';
import type { Message } from '../../preload/contract.ts';
import { StepStrip } from '../latency/step-strip.tsx';
import { CpuOffer } from '../models/cpu-offer.tsx';
import { useModels } from '../models/store.ts';
import { strings } from '../strings.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { FigureList, Figures } from './figures.tsx';
import type { LiveAnswer } from './live-answer.ts';
import { markdownBlocks } from './markdown-blocks.ts';
import { Blocks } from './markdown.tsx';
import { ErrorNotice, ErrorText, Notice } from './notice.tsx';

/** @param onRetry Absent where the answer cannot be asked again: only the last one can. */
export const Answer = memo(function Answer({
  message,
  live,
  onRetry,
}: {
  readonly message: Message;
  readonly live: LiveAnswer | undefined;
  readonly onRetry: (() => void) | undefined;
}): ReactNode {
  return (
    <article
      aria-label={strings.chat.answer(message.figures?.model)}
      aria-busy={live !== undefined}
      data-testid="answer"
      data-state={message.state}
      className="group"
    >
      {live ? <Writing live={live} /> : <Written message={message} onRetry={onRetry} />}
    </article>
  );
});

function Writing({ live }: { readonly live: LiveAnswer }): ReactNode {
  const { blocks, tokens, rate, prefill } = useSyncExternalStore(live.subscribe, live.snapshot);
  if (blocks.length === 0) {
    return (
      <p className="flex h-8 items-center gap-2.5 text-sm text-muted" data-testid="reading">
        <span aria-hidden="true" className="breathe size-2 rounded-full bg-accent" />
        {prefill ? strings.chat.read(prefill.promptTokens, prefill.reusedTokens, prefill.prefillUs) : <BeforeReading />}
      </p>
    );
  }
  return (
    <>
      <Blocks blocks={blocks} writing />
      <div className="mt-2 flex h-8 items-center gap-3">
        <StepStrip steps={live.steps} subscribe={live.subscribe} />
        <FigureList>
          <li>{strings.figures.tokens(tokens)}</li>
          {rate !== undefined && <li>{strings.figures.rate(rate)}</li>}
        </FigureList>
      </div>
    </>
  );
}

/** A message may be sent before its model is ready: then the model is what is waited for. */
function BeforeReading(): ReactNode {
  const model = useModels((models) => models.state);
  return model.status === 'loading' ? strings.chat.waiting(model.name, model.fraction) : strings.chat.reading;
}

function Written({
  message,
  onRetry,
}: {
  readonly message: Message;
  readonly onRetry: (() => void) | undefined;
}): ReactNode {
  const { text, figures } = message;
  const blocks = useMemo(() => markdownBlocks(text), [text]);
  return (
    <>
      <Blocks blocks={blocks} />
      <Ending message={message} onRetry={onRetry} />
      <div className="mt-2 flex h-8 items-center gap-3">
        <div className="-ml-2 flex">
          {text !== '' && <CopyButton name={strings.chat.copyAnswer} text={() => text} />}
          {onRetry && message.state === 'complete' && (
            <IconButton name={strings.chat.retry} onClick={onRetry}>
              <RotateCcw />
            </IconButton>
          )}
        </div>
        {figures && <Figures figures={figures} />}
      </div>
    </>
  );
}

/** Why an answer ended other than by itself. */
function Ending({
  message: { state, figures, error },
  onRetry,
}: {
  readonly message: Message;
  readonly onRetry: (() => void) | undefined;
}): ReactNode {
  const again = onRetry && <Button onClick={onRetry}>{strings.chat.tryAgain}</Button>;
  const ending = endingOf(state, figures);
  if (error && state === 'failed') {
    return (
      <ErrorNotice
        className="mt-4"
        error={error}
        actions={
          <>
            {again}
            <CpuOffer error={error} />
          </>
        }
      />
    );
  }
  if (ending === undefined) return null;
  return (
    <Notice className="mt-4" title={ending} actions={state === 'complete' ? undefined : again}>
      {error && <ErrorText error={error} />}
    </Notice>
  );
}

function endingOf(state: Message['state'], figures: Message['figures']): string | undefined {
  if (state === 'stopped') return strings.notice.stopped;
  if (state === 'interrupted') return strings.notice.cutShort;
  if (figures?.reason === 'context') return strings.notice.context(figures.contextUsed);
  if (figures?.reason === 'length') return strings.notice.length(figures.generatedTokens);
  return undefined;
}
