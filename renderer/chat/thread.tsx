import { ArrowDown } from 'lucide-react';
import { type ReactNode, useCallback, useEffect } from 'react';
import type { Message } from '../../preload/contract.ts';
import { strings } from '../strings.ts';
import { Button } from '../ui/button.tsx';
import { Answer } from './answer.tsx';
import { Question } from './question.tsx';
import { useStickToBottom } from './stick-to-bottom.ts';
import { liveAnswer, retry, useChat } from './store.ts';

/** The messages of one chat. Mounted anew for each chat, so that it opens at its end. */
export function Thread({
  conversationId,
  messages,
}: {
  readonly conversationId: string;
  readonly messages: readonly Message[];
}): ReactNode {
  const { frame, content, away, toLatest } = useStickToBottom();
  const idle = useChat(({ running }) => running === undefined);
  const last = messages.at(-1);
  const onRetry = useCallback(() => void retry(conversationId), [conversationId]);

  const questions = messages.filter(({ role }) => role === 'user').length;
  useEffect(toLatest, [questions, toLatest]);

  return (
    <div className="relative min-h-0 flex-1">
      <div ref={frame} className="h-full overflow-y-auto" tabIndex={0} role="region" aria-label={strings.chat.messages}>
        <div ref={content} className="mx-auto max-w-column space-y-8 px-8 pt-6 pb-6">
          {messages.map((message) =>
            message.role === 'user' ? (
              <Question key={message.id} text={message.text} />
            ) : (
              <Answer
                key={message.id}
                message={message}
                live={message.state === 'streaming' ? liveAnswer(message.id) : undefined}
                onRetry={message === last && idle ? onRetry : undefined}
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
