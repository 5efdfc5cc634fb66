import { Activity, ChevronDown, ClipboardType, RotateCcw } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactNode, memo, useMemo, useSyncExternalStore } from 'react';
import type { Message } from '../../preload/contract.ts';
import { useConversation } from '../conversations/store.ts';
import { HeatText } from '../latency/heat-text.tsx';
import { StepStrip } from '../latency/step-strip.tsx';
import { choose, useHeat } from '../latency/store.ts';
import { CpuOffer } from '../models/cpu-offer.tsx';
import { useModels } from '../models/store.ts';
import { useServer } from '../server/store.ts';
import { strings, useLanguage } from '../strings/index.ts';
import { ErrorText } from '../ui/error-text.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { useLayout } from '../ui/layout.ts';
import { Attachments } from './attachments.tsx';
import { setContextPolicy } from './context-choice.tsx';
import { FigureList, Figures } from './figures.tsx';
import type { LiveAnswer } from './live-answer.ts';
import { markdownBlocks } from './markdown-blocks.ts';
import { Blocks } from './markdown.tsx';
import { ErrorNotice, Notice } from './notice.tsx';
import { plainText } from './plain-text.ts';
import { goOn, regenerate } from './store.ts';
import { Thought } from './thought.tsx';
import { Versions } from './versions.tsx';

interface Written {
  readonly conversationId: string;
  readonly message: Message;
  /** No answer is in progress, so the person can regenerate this one. */
  readonly idle: boolean;
  /** Only the last answer can be continued. */
  readonly last: boolean;
}

export const Answer = memo(function Answer({
  live,
  ...written
}: Written & { readonly live: LiveAnswer | undefined }): ReactNode {
  useLanguage();
  const { message } = written;
  return (
    <article
      aria-label={strings.chat.answer(message.figures?.model)}
      aria-busy={live !== undefined}
      data-testid="answer"
      data-state={message.state}
      data-message={message.id}
      className="group"
    >
      {live ? <Writing live={live} messageId={message.id} /> : <Written {...written} />}
    </article>
  );
});

function Writing({ live, messageId }: { readonly live: LiveAnswer; readonly messageId: string }): ReactNode {
  const { blocks, thought, thinking, tokens, rate, prefill } = useSyncExternalStore(live.subscribe, live.snapshot);
  if (blocks.length === 0 && thought === undefined) {
    return (
      <p className="flex h-8 items-center gap-2.5 text-sm text-muted" data-testid="reading">
        <span aria-hidden="true" className="breathe size-2 rounded-full bg-accent" />
        {prefill ? strings.chat.read(prefill.promptTokens, prefill.reusedTokens, prefill.prefillUs) : <BeforeReading />}
      </p>
    );
  }
  return (
    <>
      {thought && <Thought messageId={messageId} thought={thought} growing={thinking} />}
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

/** A message can be sent before its model is ready, or while another program has it. Then the answer waits. */
function BeforeReading(): ReactNode {
  const model = useModels((models) => models.state);
  const serves = useServer(({ state }) => state?.answering === true);
  if (serves) return strings.server.answerWaits;
  return model.status === 'loading' ? strings.chat.waiting(model.name, model.fraction) : strings.chat.reading;
}

function Written({ conversationId, message, idle, last }: Written): ReactNode {
  const { id, text, thought, figures, attachments = [] } = message;
  const blocks = useMemo(() => markdownBlocks(text), [text]);
  const run = useHeat(id);
  return (
    <>
      {attachments.length > 0 && (
        <div className="mb-3">
          <Attachments attachments={attachments} />
        </div>
      )}
      {thought && (
        <Thought messageId={id} thought={thought}>
          {run && <HeatText text={thought.text} run={run} part="thought" />}
        </Thought>
      )}
      {run ? <HeatText text={text} run={run} part="text" /> : <Blocks blocks={blocks} />}
      {figures?.droppedMessages !== undefined && (
        <p className="mt-3 text-xs text-muted" data-testid="dropped">
          {strings.chat.dropped(figures.droppedMessages)}
        </p>
      )}
      <Ending conversationId={conversationId} message={message} idle={idle} last={last} />
      <Toolbar conversationId={conversationId} message={message} idle={idle} />
    </>
  );
}

/** The versions, copies, times and figures of an answer. */
function Toolbar({ conversationId, message, idle }: Omit<Written, 'last'>): ReactNode {
  const { id, text, figures } = message;
  return (
    <div className="mt-2 flex min-h-8 flex-wrap items-center gap-x-3">
      <div className="-ml-2 flex items-center">
        <Versions conversationId={conversationId} message={message} />
        {text !== '' && (
          <>
            <CopyButton name={strings.chat.copyAnswer} text={() => text} />
            <CopyButton name={strings.chat.copyPlain} text={() => plainText(text)} icon={ClipboardType} />
          </>
        )}
        {figures && (
          <IconButton
            name={strings.latency.ofAnswer}
            onClick={() => {
              choose({ conversationId, messageId: id });
              useLayout.getState().showLatency();
            }}
          >
            <Activity />
          </IconButton>
        )}
        {idle && (
          <>
            {message.state === 'complete' && (
              <IconButton name={strings.chat.retry} onClick={() => void regenerate(conversationId, id)}>
                <RotateCcw />
              </IconButton>
            )}
            <OtherModels conversationId={conversationId} messageId={id} />
          </>
        )}
      </div>
      {figures && <Figures figures={figures} />}
    </div>
  );
}

/** Other models in the library that can regenerate the answer. */
function OtherModels({
  conversationId,
  messageId,
}: {
  readonly conversationId: string;
  readonly messageId: string;
}): ReactNode {
  const { models, state } = useModels();
  const others = models.filter(({ id, available }) => available && !('modelId' in state && state.modelId === id));
  if (others.length === 0) return null;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button
          type="button"
          aria-label={strings.chat.retryWith}
          className="inline-flex h-8 w-6 items-center justify-center rounded-lg text-muted hover:bg-hover hover:text-ink"
        >
          <ChevronDown aria-hidden="true" className="size-3.5" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={4}
          className="enter z-40 max-w-80 min-w-36 rounded-xl border border-line bg-raised p-1 shadow-high"
        >
          {others.map(({ id, name }) => (
            <DropdownMenu.Item
              key={id}
              className="flex h-8 cursor-pointer items-center rounded-md px-2 text-sm outline-none select-none data-highlighted:bg-hover"
              onSelect={() => void regenerate(conversationId, messageId, id)}
            >
              <span className="truncate">{name}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Why an answer ended early, and the actions that help. */
function Ending({ conversationId, message, idle, last }: Written): ReactNode {
  const { id, text, thought, state, figures, error } = message;
  const again = idle && <Button onClick={() => void regenerate(conversationId, id)}>{strings.chat.tryAgain}</Button>;
  const drops = useConversation(conversationId)?.contextPolicy === 'drop-oldest';
  const hasRoom = figures?.reason !== 'context' || drops;
  const hasBegun = text !== '' || thought !== undefined;
  const goesOn = idle && last && hasRoom && hasBegun && (
    <Button onClick={() => void goOn(conversationId, message)}>{strings.chat.goOn}</Button>
  );
  const ending = endingOf(state, figures);
  if (error && state === 'failed') {
    return (
      <ErrorNotice
        className="mt-4"
        error={error}
        actions={
          <>
            {goesOn}
            {error.code === 'prompt-too-long' && idle && <DropOldest conversationId={conversationId} messageId={id} />}
            {again}
            <CpuOffer error={error} />
          </>
        }
      />
    );
  }
  if (ending === undefined) return null;
  const actions = (
    <>
      {goesOn}
      {state !== 'complete' && again}
    </>
  );
  return (
    <Notice className="mt-4" title={ending} actions={goesOn || state !== 'complete' ? actions : undefined}>
      {error && <ErrorText error={error} />}
    </Notice>
  );
}

function DropOldest({
  conversationId,
  messageId,
}: {
  readonly conversationId: string;
  readonly messageId: string;
}): ReactNode {
  const drop = async (): Promise<void> => {
    if (await setContextPolicy(conversationId, 'drop-oldest')) await regenerate(conversationId, messageId);
  };
  return <Button onClick={() => void drop()}>{strings.composer.dropOldest}</Button>;
}

function endingOf(state: Message['state'], figures: Message['figures']): string | undefined {
  if (state === 'stopped') return strings.notice.stopped;
  if (state === 'interrupted') return strings.notice.cutShort;
  if (figures?.reason === 'context') return strings.notice.context(figures.contextUsed);
  if (figures?.reason === 'length') return strings.notice.length(figures.generatedTokens);
  return undefined;
}
