import { ArrowDown } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { type CustomItemComponentProps, Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Message } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Answer } from './answer.tsx';
import { DamagedMessage } from './damaged-message.tsx';
import { useKept } from './kept.ts';
import { Question } from './question.tsx';
import { useStickToBottom } from './stick-to-bottom.ts';
import { arrived, liveAnswer, openAll, openMore, useChat } from './store.ts';

/** Space above the first message; the class names use the same value. */
const paddingPx = 24;
/** Frames to wait for the target message; measuring never takes that long. */
const framesToWait = 60;
/** Distance beyond the frame at which messages stay mounted, so that scrolling never shows empty space. */
const aheadPx = 1200;

/**
 * The messages of one chat. Only messages in or near the view are mounted. Each chat mounts this component anew, so it
 * opens at its end.
 */
export function Thread({
  conversationId,
  messages,
  earlier,
  grewAbove,
}: {
  readonly conversationId: string;
  readonly messages: readonly Message[];
  /** Number of older messages; read when the person scrolls up to them. */
  readonly earlier: number;
  /** The first messages were just added above the others, so the scroll position must not move. */
  readonly grewAbove: boolean;
}): ReactNode {
  const { frame, content, away, toLatest, leave } = useStickToBottom();
  const list = useRef<VirtualizerHandle>(null);
  const idle = useChat(({ running }) => running === undefined);
  const last = messages.at(-1);
  const target = useChat((chat) => chat.target);
  const targetIndex = target === undefined ? -1 : messages.findIndex(({ id }) => id === target);
  const { kept, keepTouched } = useKept(frame, messages);
  const opened = useOpened();

  // Follow a question added at the end, not one that was read from before.
  const lastQuestion = messages.findLast(({ role }) => role === 'user')?.id;
  useEffect(toLatest, [lastQuestion, toLatest]);
  useEffect(() => {
    if (targetIndex < 0) return;
    leave();
    list.current?.scrollToIndex(targetIndex, { align: 'center' });
    // The message is hidden until its height is known, and cannot take the focus before that.
    let frames = 0;
    let next = 0;
    const focus = (): void => {
      const found = frame.current?.querySelector<HTMLElement>(`[data-message="${target}"] :is(button, [tabindex])`);
      found?.focus({ preventScroll: true });
      if ((found && document.activeElement === found) || frames++ === framesToWait) arrived();
      else next = requestAnimationFrame(focus);
    };
    focus();
    return () => cancelAnimationFrame(next);
  }, [target, targetIndex, frame, leave]);

  const readEarlier = useCallback(() => {
    const element = frame.current;
    if (element && opened && earlier > 0 && element.scrollTop < 2 * element.clientHeight) void openMore(conversationId);
  }, [frame, opened, earlier, conversationId]);
  // If nothing can be scrolled yet, the person cannot ask for more.
  useEffect(() => {
    const element = frame.current;
    if (element && element.scrollHeight <= element.clientHeight) readEarlier();
  }, [frame, messages, readEarlier]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={frame}
        className="h-full overflow-y-auto [overflow-anchor:none] focus-visible:-outline-offset-2"
        tabIndex={0}
        role="region"
        aria-label={strings.chat.messages}
        onScroll={readEarlier}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget) return;
          // The height known by now is an estimate, so follow it until the real end.
          if (event.key === 'End') toLatest();
          if (event.key !== 'Home' || earlier === 0) return;
          event.preventDefault();
          void openAll(conversationId).then(() => list.current?.scrollToIndex(0));
        }}
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
            {messages.map((message) =>
              message.error?.code === 'message-damaged' && message.text === '' ? (
                <DamagedMessage key={message.id} id={message.id} error={message.error} />
              ) : message.role === 'user' ? (
                <Question key={message.id} conversationId={conversationId} message={message} idle={idle} />
              ) : (
                <Answer
                  key={message.id}
                  conversationId={conversationId}
                  message={message}
                  idle={idle}
                  last={message === last}
                  live={message.state === 'streaming' ? liveAnswer(message.id) : undefined}
                />
              ),
            )}
          </Virtualizer>
        </div>
      </div>
      <div
        aria-hidden="true"
        className="pointer-events-none absolute inset-x-0 top-0 mr-4 h-5 bg-linear-to-b from-canvas"
      />
      <div
        aria-hidden="true"
        className="pointer-events-none absolute inset-x-0 bottom-0 mr-4 h-5 bg-linear-to-t from-canvas"
      />
      {away && (
        <Button
          className="enter absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full bg-raised shadow-high"
          onClick={toLatest}
        >
          <ArrowDown aria-hidden="true" className="size-4" />
          {strings.chat.latest}
        </Button>
      )}
    </div>
  );
}

/**
 * Whether the end of the chat has been drawn. Until then the frame still scrolls to it: nothing reads earlier messages,
 * and no message unmounts.
 */
function useOpened(): boolean {
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    // The first frame measures messages; in the second, the chat is at its end.
    let next = requestAnimationFrame(() => {
      next = requestAnimationFrame(() => setOpened(true));
    });
    return () => cancelAnimationFrame(next);
  }, []);
  return opened;
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
