/**
 * Follows the selected answer while the panel is open. A closed panel receives, keeps and computes nothing; when it
 * opens during a run, it reads the run from main.
 */
import { useEffect } from 'react';
import type { AnswerFigures, Run } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { useChat } from '../chat/store.ts';
import { useConversations } from '../conversations/store.ts';
import { showError } from '../ui/toasts-store.ts';
import { RunInWork } from './run-in-work.ts';
import { choose, useLatency } from './store.ts';

/** How often the plot moves under reduced motion, and how often tables update: faster is unreadable. */
const paceMs = 200;
const calmPaceMs = 1000;
const tableMs = 600;

export function useFollow(): void {
  const target = useTarget();
  // Show a new answer next.
  useEffect(
    () =>
      useChat.subscribe(({ running }, before) => {
        if (running && running.answerId !== before.running?.answerId) choose(undefined);
      }),
    [],
  );
  useEffect(() => (target === undefined ? forget() : follow(target)), [target]);
}

/** The answer that the person chose, else the one in progress, else the last of the chat. */
function useTarget(): string | undefined {
  const active = useConversations(({ activeId }) => activeId);
  const chosen = useLatency((latency) => latency.chosen);
  return useChat(({ running, threads }) => {
    if (active === undefined) return undefined;
    if (chosen?.conversationId === active) return chosen.messageId;
    if (running?.conversationId === active) return running.answerId;
    const thread = threads[active];
    return thread?.status === 'open' ? thread.messages.findLast(({ role }) => role === 'assistant')?.id : undefined;
  });
}

function forget(): undefined {
  useLatency.setState({ shown: undefined, settled: undefined, pointed: undefined });
  return undefined;
}

/** @returns a function that stops following */
function follow(messageId: string): () => void {
  let work: RunInWork | undefined;
  let ended = false;
  let settledAtMs = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? calmPaceMs : paceMs;

  const show = (run: Run, figures: AnswerFigures | undefined): void => {
    const live = useChat.getState().running?.answerId === messageId;
    const shown = { run, live, ...(figures && !live && { figures }) };
    const due = !live || performance.now() - settledAtMs >= tableMs;
    if (due) settledAtMs = performance.now();
    useLatency.setState({ shown, ...(due && { settled: shown }) });
  };
  const showSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (work) show(work.snapshot(), undefined);
    }, pace);
  };
  const read = async (): Promise<void> => {
    const result = await call('runs.get', { messageId });
    if (ended) return;
    if (!result.ok) showError(result.error);
    else if (result.value) {
      work = new RunInWork(result.value);
      show(result.value, figuresOf(messageId));
    } else if (useLatency.getState().shown?.run.messageId !== messageId) forget();
  };

  const offs = [
    on('chat.prefilled', ({ answerId }) => {
      if (answerId === messageId) void read();
    }),
    on('chat.tokens', (event) => {
      if (event.answerId !== messageId) return;
      if (work?.add(event)) showSoon();
      else if (work) void read();
    }),
    on('chat.finished', ({ message }) => {
      if (message.id !== messageId) return;
      clearTimeout(timer);
      timer = undefined;
      void read();
    }),
  ];
  void read();
  return () => {
    ended = true;
    clearTimeout(timer);
    for (const off of offs) off();
    forget();
  };
}

function figuresOf(messageId: string): AnswerFigures | undefined {
  for (const thread of Object.values(useChat.getState().threads)) {
    const message = thread.status === 'open' ? thread.messages.find(({ id }) => id === messageId) : undefined;
    if (message) return message.figures;
  }
  return undefined;
}
