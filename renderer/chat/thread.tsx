import { ArrowDown } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { Message } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Answer } from './answer.tsx';
import { DamagedMessage } from './damaged-message.tsx';
import { Question } from './question.tsx';
import { useStickToBottom } from './stick-to-bottom.ts';
import { arrived, liveAnswer, openEarlier, useChat } from './store.ts';

/** The messages of one chat. Mounted anew for each chat, so that it opens at its end. */
export function Thread({
  conversationId,
  messages,
  earlier,
}: {
  readonly conversationId: string;
  readonly messages: readonly Message[];
  /** How many come before these. */
  readonly earlier: number;
}): ReactNode {
  const { frame, content, away, toLatest } = useStickToBottom();
  const idle = useChat(({ running }) => running === undefined);
  const last = messages.at(-1);
  const target = useChat((chat) => chat.target);

  // A question that was added at the end, not one that was read from before: that one is sought.
  const lastQuestion = messages.findLast(({ role }) => role === 'user')?.id;
  useEffect(toLatest, [lastQuestion, toLatest]);
  useKeepPlace(frame, messages[0]?.id);
  useEffect(() => {
    const found = target === undefined ? null : frame.current?.querySelector(`[data-message="${target}"]`);
    if (!found) return;
    found.scrollIntoView({ block: 'center' });
    found.querySelector<HTMLElement>('button, [tabindex]')?.focus({ preventScroll: true });
    arrived();
  }, [target, frame, messages]);

  return (
    <div className="relative min-h-0 flex-1">
      <div ref={frame} className="h-full overflow-y-auto" tabIndex={0} role="region" aria-label={strings.chat.messages}>
        <div ref={content} className="mx-auto max-w-column space-y-8 px-8 pt-6 pb-6">
          {earlier > 0 && (
            <div className="text-center">
              <Button look="quiet" onClick={() => void openEarlier(conversationId)}>
                {strings.chat.earlier(earlier)}
              </Button>
            </div>
          )}
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

/** What is read stays where it is when older messages appear above it. */
function useKeepPlace(frame: RefObject<HTMLDivElement | null>, firstId: string | undefined): void {
  const before = useRef({ firstId, height: 0 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const { firstId: oldFirst, height } = before.current;
    const grew =
      oldFirst !== firstId && oldFirst !== undefined && element.querySelector(`[data-message="${oldFirst}"]`);
    if (grew && height > 0) element.scrollBy(0, element.scrollHeight - height);
    before.current = { firstId, height: element.scrollHeight };
  });
}
