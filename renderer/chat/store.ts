/** Messages of the opened chats, the answer in progress, and the actions on them. */
import { create } from 'zustand';
import type { AppError, CallName, CallOutputs, Events, Message, Page, Result } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { forgetOwnSettings, takeOwnSettings } from '../chat-settings/store.ts';
import {
  createConversation,
  goTo,
  openConversation,
  putConversation,
  tellOfMessages,
  useConversations,
} from '../conversations/store.ts';
import { useLatency } from '../latency/store.ts';
import { forgetSelection } from '../prompts/selection.ts';
import { strings } from '../strings/index.ts';
import { announce } from '../ui/announcer.tsx';
import { newId } from '../ui/id.ts';
import { showError, showToast } from '../ui/toasts-store.ts';
import { without } from '../ui/without.ts';
import { draftOf, forgetDraft, takeDraft, useDrafts } from './drafts.ts';
import { LiveAnswer } from './live-answer.ts';

export type Thread =
  | { readonly status: 'opening' }
  /** `earlier`: number of older messages that are not read yet. */
  | {
      readonly status: 'open';
      readonly messages: readonly Message[];
      readonly earlier: number;
      /** The last change added messages before the first one. */
      readonly grewAbove?: true;
    }
  | { readonly status: 'failed'; readonly error: AppError };

export interface Running {
  readonly conversationId: string;
  readonly answerId: string;
  readonly stopping: boolean;
}

interface ChatState {
  readonly threads: Readonly<Record<string, Thread>>;
  /** The engine generates one answer at a time. */
  readonly running: Running | undefined;
  /** Why the last message of a chat was refused. Its text is back in the composer. */
  readonly refusals: Readonly<Record<string, AppError>>;
  /** The message to scroll to; cleared when it is in view. */
  readonly target: string | undefined;
}

export const useChat = create<ChatState>(() => ({ threads: {}, running: undefined, refusals: {}, target: undefined }));

/** Answers in progress: one, and while the window waits for a reply, one that may be refused. */
const live = new Map<string, { readonly conversationId: string; readonly answer: LiveAnswer }>();

/** Buffer of an answer in progress; undefined once it is finished. */
export function liveAnswer(answerId: string): LiveAnswer | undefined {
  return live.get(answerId)?.answer;
}

export function listenToChat(): void {
  on('chat.tokens', ({ answerId, conversationId, text, tokens, offset, thought }) =>
    follow(answerId, conversationId).append(text, tokens, offset, thought),
  );
  on('chat.prefilled', ({ answerId, conversationId, ...prefill }) =>
    follow(answerId, conversationId).prefilled(prefill),
  );
  on('chat.finished', finish);
  void askForRunning();
  tellOfMessages(hasMessages);
  useConversations.subscribe(({ temporary, list = [] }, { temporary: before }) => {
    if (before && before.id !== temporary?.id && !list.some(({ id }) => id === before.id)) forget(before.id);
  });
}

export function hasMessages(conversationId: string | undefined): boolean {
  return conversationId !== undefined && messagesOf(conversationId).length > 0;
}

export function useHasMessages(conversationId: string | undefined): boolean {
  return useChat(() => hasMessages(conversationId));
}

/** The temporary chat ended: drops its messages, draft and settings. */
function forget(conversationId: string): void {
  const messages = messagesOf(conversationId);
  const { pinned, chosen } = useLatency.getState();
  const wasPinned = messages.some(({ id }) => id === pinned?.run.messageId);
  useLatency.setState({
    ...(wasPinned && { pinned: undefined }),
    ...(chosen?.conversationId === conversationId && { chosen: undefined }),
  });
  useChat.setState(({ threads, refusals }) => ({
    threads: without(threads, conversationId),
    refusals: without(refusals, conversationId),
  }));
  forgetDraft(conversationId);
  forgetSelection(conversationId);
  forgetOwnSettings(conversationId);
}

/** An answer that began before this window was loaded. Until its chat is opened, its text is unknown. */
async function askForRunning(): Promise<void> {
  const result = await call('chat.running', {});
  if (result.ok && result.value) follow(result.value.answerId, result.value.conversationId);
}

/** Reads the messages of a chat once. Events report later changes. */
export async function openThread(id: string): Promise<void> {
  const known = useChat.getState().threads[id];
  if (known && known.status !== 'failed') return;
  setThread(id, { status: 'opening' });
  const result = await call('conversations.open', { id });
  if (!result.ok) {
    if (messagesOf(id).length === 0) setThread(id, { status: 'failed', error: result.error });
    return;
  }
  const { messages, earlier, conversation, draft, settings } = result.value;
  putConversation(conversation);
  takeOwnSettings(id, settings);
  takeDraft(id, draft);
  for (const answer of messages.filter(({ state }) => state === 'streaming')) {
    // The window was reloaded during an answer. This text is the part so far; events deliver the rest.
    live.delete(answer.id);
    follow(answer.id, id).begin(answer);
  }
  // Messages that were sent while the chat was being read.
  const read = new Set(messages.map((known) => known.id));
  const sent = messagesOf(id).filter((known) => !read.has(known.id));
  setThread(id, { status: 'open', messages: [...messages, ...sent], earlier });
}

/** A new chat is being stored for its first message. */
let creating = false;

/** Sends the draft of the open chat. If it is refused, the text returns to the composer. */
export async function send(): Promise<void> {
  if (creating) return;
  const { activeId } = useConversations.getState();
  const { text, attachments } = draftOf(activeId);
  const { write } = useDrafts.getState();
  write(activeId, { text: '', attachments: [] });
  creating = activeId === undefined;
  const conversationId = activeId ?? (await createConversation());
  creating = false;
  if (conversationId === undefined) {
    write(undefined, { text, attachments });
    return;
  }
  dismissRefusal(conversationId);
  const user = { ...message('user', text, 'complete'), ...(attachments.length > 0 && { attachments }) };
  const answer = message('assistant', '', 'streaming');
  const before = messagesOf(conversationId);
  const earlier = earlierOf(conversationId);
  setThread(conversationId, { status: 'open', messages: [...before, user, answer], earlier });
  openConversation(conversationId);
  begin(answer.id, conversationId);
  const ids = { conversationId, userMessageId: user.id, answerId: answer.id };
  const result = await call('chat.send', { ...ids, text, attachments: [...attachments] });
  if (result.ok) {
    const { user: storedUser, answer: storedAnswer } = result.value;
    // A change of the chat that was under way before may have taken them off the screen.
    put(conversationId, { messages: [storedUser, storedAnswer], earlier: earlierOf(conversationId) });
    putConversation(result.value.conversation);
    return;
  }
  end(answer.id);
  setThread(conversationId, {
    status: 'open',
    messages: messagesOf(conversationId).filter(({ id }) => id !== user.id && id !== answer.id),
    earlier,
  });
  write(conversationId, { text, attachments });
  refuse(conversationId, result.error);
}

/** Sends an edited message. The old one stays as another version. */
export async function edit(conversationId: string, old: Message, text: string): Promise<void> {
  const answerId = newId();
  const attachments = [...(old.attachments ?? [])];
  const ids = { conversationId, messageId: old.id, userMessageId: newId(), answerId };
  await answering(conversationId, answerId, call('chat.edit', { ...ids, text, attachments }));
}

/** Regenerates an answer. The old one stays as another version, unless it never started. */
export async function regenerate(conversationId: string, messageId: string, modelId?: string): Promise<void> {
  const answerId = newId();
  const input = { conversationId, messageId, answerId, ...(modelId !== undefined && { modelId }) };
  await answering(conversationId, answerId, call('chat.regenerate', input));
}

/** Continues the last answer. */
export async function goOn(conversationId: string, answer: Message): Promise<void> {
  const { id } = answer;
  follow(id, conversationId).begin(answer);
  await answering(conversationId, id, call('chat.continue', { conversationId, messageId: id }));
}

/** Shows another version of a message. */
export async function showVersion(conversationId: string, messageId: string): Promise<void> {
  take(conversationId, await call('chat.show', { conversationId, messageId }));
}

/** Deletes a message and everything after it, with undo. */
export async function deleteMessage(conversationId: string, messageId: string): Promise<void> {
  const place = { conversationId, messageId };
  if (!take(conversationId, await call('chat.delete', place))) return;
  const restore = async (): Promise<void> => void take(conversationId, await call('chat.restore', place));
  showToast({
    tone: 'plain',
    title: strings.chat.deleted,
    action: { label: strings.sidebar.undo, run: () => void restore() },
  });
}

/** Chats whose earlier messages are being read. */
const readingEarlier = new Set<string>();

/** Reads one page of earlier messages. Does nothing while another page loads. */
export async function openMore(conversationId: string): Promise<void> {
  if (readingEarlier.has(conversationId)) return;
  readingEarlier.add(conversationId);
  await openEarlier(conversationId);
  readingEarlier.delete(conversationId);
}

/** Reads all earlier messages page by page, until there are none or a read fails. */
export async function openAll(conversationId: string): Promise<void> {
  for (let left = Infinity; earlierOf(conversationId) < left;) {
    left = earlierOf(conversationId);
    await openEarlier(conversationId);
  }
}

/** @param through Reads all messages from this one on; absent: one page */
async function openEarlier(conversationId: string, through?: string): Promise<void> {
  const [first] = messagesOf(conversationId);
  if (!first || earlierOf(conversationId) === 0) return;
  const input = { id: conversationId, before: first.id, ...(through !== undefined && { through }) };
  const result = await call('conversations.earlier', input);
  if (!result.ok) {
    showError(result.error);
    return;
  }
  const { messages, earlier } = result.value;
  // Another page may have arrived in the meantime.
  const known = messagesOf(conversationId);
  if (known[0]?.id === first.id)
    setThread(conversationId, { status: 'open', messages: [...messages, ...known], earlier, grewAbove: true });
}

/** Opens a chat at a message, in whichever branch it is. */
export async function jumpTo(conversationId: string, messageId: string): Promise<void> {
  if (!(await goTo(conversationId))) return;
  await openThread(conversationId);
  if (!take(conversationId, await call('chat.show', { conversationId, messageId }))) return;
  await openEarlier(conversationId, messageId);
  useChat.setState({ target: messageId });
}

/** The target message is in view. */
export function arrived(): void {
  useChat.setState({ target: undefined });
}

type PageCall = { readonly [N in CallName]: CallOutputs[N] extends Page ? N : never }[CallName];

/** Shows an answer that was requested. A refusal appears above the composer. */
async function answering(
  conversationId: string,
  answerId: string,
  asked: Promise<Result<CallOutputs[PageCall]>>,
): Promise<void> {
  dismissRefusal(conversationId);
  begin(answerId, conversationId);
  const result = await asked;
  if (result.ok) {
    put(conversationId, result.value);
    return;
  }
  end(answerId);
  refuse(conversationId, result.error);
}

function take(conversationId: string, result: Result<Page>): boolean {
  if (result.ok) put(conversationId, result.value);
  else showError(result.error);
  return result.ok;
}

/** Replaces the changed end of the path and keeps the known beginning. */
function put(conversationId: string, { messages, earlier }: Page): void {
  const known = messagesOf(conversationId);
  const joint = known.findIndex(({ id }) => id === messages[0]?.parentId);
  const all = joint < 0 ? messages : [...known.slice(0, joint + 1), ...messages];
  setThread(conversationId, {
    status: 'open',
    messages: all,
    earlier: joint < 0 ? earlier : earlierOf(conversationId),
  });
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
    return { refusals: without(refusals, conversationId) };
  });
}

function begin(answerId: string, conversationId: string): void {
  follow(answerId, conversationId);
  announce(strings.chat.started);
}

/** Returns the buffer of an answer. Creates it on first use. */
function follow(answerId: string, conversationId: string): LiveAnswer {
  const known = liveAnswer(answerId);
  if (known) return known;
  const answer = new LiveAnswer();
  live.set(answerId, { conversationId, answer });
  useChat.setState({ running: { conversationId, answerId, stopping: false } });
  return answer;
}

function end(answerId: string): void {
  live.delete(answerId);
  const [left] = live;
  const other = left && { answerId: left[0], conversationId: left[1].conversationId, stopping: false };
  useChat.setState(({ running }) => (running?.answerId === answerId ? { running: other } : {}));
}

function finish({ conversationId, message: answer }: Events['chat.finished']): void {
  putMessage(conversationId, answer);
  end(answer.id);
  if (answer.state === 'stopped') announce(strings.chat.stoppedSpoken);
  else if (answer.error) announce(strings.chat.failedSpoken(strings.errorTitles[answer.error.code]));
  else announce(strings.chat.finished);
}

function message(role: Message['role'], text: string, state: Message['state']): Message {
  return { id: newId(), role, text, state, createdAt: Date.now() };
}

function earlierOf(conversationId: string): number {
  const thread = useChat.getState().threads[conversationId];
  return thread?.status === 'open' ? thread.earlier : 0;
}

function messagesOf(conversationId: string): readonly Message[] {
  const thread = useChat.getState().threads[conversationId];
  return thread?.status === 'open' ? thread.messages : [];
}

function setThread(id: string, thread: Thread): void {
  useChat.setState(({ threads }) => ({ threads: { ...threads, [id]: thread } }));
}

/** Replaces a message that the window shows. It may have been deleted, and a chat that is not open reads it later. */
function putMessage(conversationId: string, changed: Message): void {
  const thread = useChat.getState().threads[conversationId];
  if (thread?.status !== 'open') return;
  const messages = thread.messages.map((old) => (old.id === changed.id ? changed : old));
  setThread(conversationId, { status: 'open', messages, earlier: thread.earlier });
}

function refuse(conversationId: string, error: AppError): void {
  useChat.setState(({ refusals }) => ({ refusals: { ...refusals, [conversationId]: error } }));
}
