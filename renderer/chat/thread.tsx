import { ArrowDown } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { type CustomItemComponentProps, Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Message } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Answer } from './answer.tsx';
import { DamagedMessage } from './damaged-message.tsx';
import { useKept } from './kept.ts';
import { Question } from './question.tsx';
import { useStickToBottom } from './stick-to-bottom.ts';
import { liveAnswer, useChat } from './store.ts';
import { useEarlier, useJump, useOpened } from './thread-scrolling.ts';

/** Space above the first message; the class names use the same value. */
const paddingPx = 24;
/** Distance beyond the frame at which messages stay mounted, so that scrolling never shows empty space. */
const aheadPx = 1200;

interface Props {
  readonly conversationId: string;
  readonly messages: readonly Message[];
  /** Number of older messages; read when the person scrolls up to them. */
  readonly earlier: number;
  /** The first messages were just added above the others, so the scroll position must not move. */
  readonly grewAbove: boolean;
}

/**
 * The messages of one chat. Only messages in or near the view are mounted. Each chat mounts this component anew, so it
 * opens at its end.
 */
export function Thread({ conversationId, messages, earlier, grewAbove }: Props): ReactNode {
  const { frame, content, away, toLatest, leave } = useStickToBottom();
  const list = useRef<VirtualizerHandle>(null);
  const target = useChat((chat) => chat.target);
  const targetIndex = target === undefined ? -1 : messages.findIndex(({ id }) => id === target);
  const { kept, keepTouched } = useKept(frame, messages);
  const opened = useOpened();

  // Follow a question added at the end, not one that was read from before.
  const lastQuestion = messages.findLast(({ role }) => role === 'user')?.id;
  useEffect(toLatest, [lastQuestion, toLatest]);
  useJump(frame, list, target, targetIndex, leave);
  const listeners = useEarlier(frame, list, conversationId, { opened, earlier, messages }, toLatest);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={frame}
        className="h-full overflow-y-auto [overflow-anchor:none] focus-visible:-outline-offset-2"
        tabIndex={0}
        role="region"
        aria-label={strings.chat.messages}
        {...listeners}
        onFocus={keepTouched}
        onPointerDown={keepTouched}
      >
        <div ref={content} className="mx-auto max-w-column px-8 pt-6">
          <Virtualizer
            ref={list}
            scrollRef={frame}
            startMargin={paddingPx}
            bufferSize={aheadPx}
            item={Item}
            shift={grewAbove}
            keepMounted={[...kept, ...(opened ? [] : lastOnes(messages)), ...(targetIndex < 0 ? [] : [targetIndex])]}
          >
            {messages.map((message) => (
              <Turn
                key={message.id}
                conversationId={conversationId}
                message={message}
                last={message === messages.at(-1)}
              />
            ))}
          </Virtualizer>
        </div>
      </div>
      <Shades />
      {away && <ToLatest onClick={toLatest} />}
    </div>
  );
}

/** One message: a question, an answer, or the notice that it is damaged. */
function Turn({
  conversationId,
  message,
  last,
}: {
  readonly conversationId: string;
  readonly message: Message;
  readonly last: boolean;
}): ReactNode {
  const idle = useChat(({ running }) => running === undefined);
  if (message.error?.code === 'message-damaged' && message.text === '')
    return <DamagedMessage id={message.id} error={message.error} />;
  if (message.role === 'user') return <Question conversationId={conversationId} message={message} idle={idle} />;
  return (
    <Answer
      conversationId={conversationId}
      message={message}
      idle={idle}
      last={last}
      live={message.state === 'streaming' ? liveAnswer(message.id) : undefined}
    />
  );
}

/** Fades the messages out at the top and bottom edges. */
function Shades(): ReactNode {
  const place = 'pointer-events-none absolute inset-x-0 mr-4 h-5 from-canvas';
  return (
    <>
      <div aria-hidden="true" className={`${place} top-0 bg-linear-to-b`} />
      <div aria-hidden="true" className={`${place} bottom-0 bg-linear-to-t`} />
    </>
  );
}

function ToLatest({ onClick }: { readonly onClick: () => void }): ReactNode {
  return (
    <Button
      className="enter absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full bg-raised shadow-high"
      onClick={onClick}
    >
      <ArrowDown aria-hidden="true" className="size-4" />
      {strings.chat.latest}
    </Button>
  );
}

/** More messages than fit a frame; a chat opens with this many. */
const drawnFirst = 16;

function lastOnes({ length }: readonly Message[]): readonly number[] {
  return Array.from({ length: Math.min(drawnFirst, length) }, (_, index) => length - 1 - index);
}

/**
 * The gap to the next message is part of each item, so that the content in it can be clicked. It is inside, because the
 * virtualizer measures the content.
 */
function Item({ ref, style, children }: CustomItemComponentProps): ReactNode {
  return (
    <div ref={ref} style={style}>
      <div className="pb-8">{children}</div>
    </div>
  );
}
