/** The messages of the chats that were opened, the answer being written, and what a person can do with them. */
import { create } from 'zustand';
import type { AppError, Events, Message } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { createConversation, openConversation, putConversation, useConversations } from '../conversations/store.ts';
import { errorTitles, strings } from '../strings.ts';
import { announce } from '../ui/announcer.tsx';
import { newId } from '../ui/id.ts';
import { showError } from '../ui/toasts-store.ts';
import { useDrafts } from './drafts.ts';
import { LiveAnswer } from './live-answer.ts';

export type Thread =
  | { readonly status: 'opening' }
  | { readonly status: 'open'; readonly messages: readonly Message[] }
  | { readonly status: 'failed'; readonly error: AppError };

interface Running {
  readonly conversationId: string;
  readonly answerId: string;
  readonly stopping: boolean;
}

interface ChatState {
  readonly threads: Readonly<Record<string, Thread>>;
  /** The engine writes one answer at a time. */
  readonly running: Running | undefined;
  /** Why the last message of a chat was not taken; its text is back in the composer. */
  readonly refusals: Readonly<Record<string, AppError>>;
}

export const useChat = create<ChatState>(() => ({ threads: {}, running: undefined, refusals: {} }));

const live = new Map<string, LiveAnswer>();

/** The buffer of an answer being written; undefined once it is finished. */
export function liveAnswer(answerId: string): LiveAnswer | undefined {
  return live.get(answerId);
}

export function listenToChat(): void {
  on('chat.tokens', ({ answerId, conversationId, text, tokens, offset }) =>
    follow(answerId, conversationId).append(text, tokens, offset),
  );
  on('chat.prefilled', ({ answerId, conversationId, ...prefill }) =>
    follow(answerId, conversationId).prefilled(prefill),
  );
  on('chat.finished', finish);
}

/** Reads the messages of a chat, once: what happens later is told by events. */
export async function openThread(id: string): Promise<void> {
  const known = useChat.getState().threads[id];
  if (known && known.status !== 'failed') return;
  setThread(id, { status: 'opening' });
  const result = await call('conversations.open', { id });
  if (!result.ok) {
    setThread(id, { status: 'failed', error: result.error });
    return;
  }
  const { messages, conversation } = result.value;
  putConversation(conversation);
  for (const { id: answerId, text } of messages.filter(({ state }) => state === 'streaming')) {
    // The window was reloaded mid-answer: this text is all that came before, and what comes now follows it.
    live.delete(answerId);
    follow(answerId, id).append(text);
  }
  setThread(id, { status: 'open', messages });
}

/** Sends a message to the open chat. If it is not taken, its text goes back to the composer. */
export async function send(text: string): Promise<void> {
  const conversationId = useConversations.getState().activeId ?? (await createConversation());
  if (conversationId === undefined) {
    useDrafts.getState().write(undefined, text);
    return;
  }
  dismissRefusal(conversationId);
  const user = message('user', text, 'complete');
  const answer = message('assistant', '', 'streaming');
  const before = messagesOf(conversationId);
  setThread(conversationId, { status: 'open', messages: [...before, user, answer] });
  openConversation(conversationId);
  begin(answer.id, conversationId);
  const ids = { conversationId, userMessageId: user.id, answerId: answer.id };
  const result = await call('chat.send', { ...ids, text });
  if (result.ok) {
    putMessage(conversationId, result.value.user);
    putConversation(result.value.conversation);
    return;
  }
  end(answer.id);
  setThread(conversationId, {
    status: 'open',
    messages: messagesOf(conversationId).filter(({ id }) => id !== user.id && id !== answer.id),
  });
  useDrafts.getState().write(conversationId, text);
  refuse(conversationId, result.error);
}

/** Answers the last message again, in place of the answer it has. */
export async function retry(conversationId: string): Promise<void> {
  dismissRefusal(conversationId);
  const before = messagesOf(conversationId);
  const answer = message('assistant', '', 'streaming');
  const kept = before.at(-1)?.role === 'assistant' ? before.slice(0, -1) : before;
  setThread(conversationId, { status: 'open', messages: [...kept, answer] });
  begin(answer.id, conversationId);
  const result = await call('chat.retry', { conversationId, answerId: answer.id });
  if (result.ok) return;
  end(answer.id);
  setThread(conversationId, { status: 'open', messages: before });
  refuse(conversationId, result.error);
}

export async function stop(): Promise<void> {
  const { running } = useChat.getState();
  if (!running || running.stopping) return;
  useChat.setState({ running: { ...running, stopping: true } });
  const result = await call('chat.stop', { answerId: running.answerId });
  if (!result.ok) showError(result.error);
}

export function dismissRefusal(conversationId: string): void {
  useChat.setState(({ refusals }) => {
    return { refusals: Object.fromEntries(Object.entries(refusals).filter(([id]) => id !== conversationId)) };
  });
}

function begin(answerId: string, conversationId: string): void {
  follow(answerId, conversationId);
  announce(strings.chat.started);
}

/** The buffer of an answer, made when it is first heard of. */
function follow(answerId: string, conversationId: string): LiveAnswer {
  const known = live.get(answerId);
  if (known) return known;
  const answer = new LiveAnswer();
  live.set(answerId, answer);
  useChat.setState({ running: { conversationId, answerId, stopping: false } });
  return answer;
}

function end(answerId: string): void {
  live.delete(answerId);
  useChat.setState(({ running }) => (running?.answerId === answerId ? { running: undefined } : {}));
}

function finish({ conversationId, message: answer }: Events['chat.finished']): void {
  putMessage(conversationId, answer);
  end(answer.id);
  if (answer.state === 'stopped') announce(strings.chat.stoppedSpoken);
  else if (answer.error) announce(strings.chat.failedSpoken(errorTitles[answer.error.code]));
  else announce(strings.chat.finished);
}

function message(role: Message['role'], text: string, state: Message['state']): Message {
  return { id: newId(), role, text, state, createdAt: Date.now() };
}

function messagesOf(conversationId: string): readonly Message[] {
  const thread = useChat.getState().threads[conversationId];
  return thread?.status === 'open' ? thread.messages : [];
}

function setThread(id: string, thread: Thread): void {
  useChat.setState(({ threads }) => ({ threads: { ...threads, [id]: thread } }));
}

/** Replaces a message that is there; a chat that was not opened reads it from the store when it is. */
function putMessage(conversationId: string, changed: Message): void {
  const thread = useChat.getState().threads[conversationId];
  if (thread?.status !== 'open') return;
  const messages = thread.messages.some(({ id }) => id === changed.id)
    ? thread.messages.map((old) => (old.id === changed.id ? changed : old))
    : [...thread.messages, changed];
  setThread(conversationId, { status: 'open', messages });
}

function refuse(conversationId: string, error: AppError): void {
  useChat.setState(({ refusals }) => ({ refusals: { ...refusals, [conversationId]: error } }));
}
