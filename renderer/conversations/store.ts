/** The list of chats, and which one is open. */
import { create } from 'zustand';
import type { AppError, Conversation } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { takeUnsavedSettings } from '../chat-settings/store.ts';
import { strings } from '../strings/index.ts';
import { newId } from '../ui/id.ts';
import { passing } from '../ui/memory.ts';
import { showChat } from '../ui/screen.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

interface ConversationsState {
  /** Pinned chats first, then by last change, newest first; undefined until read. */
  readonly list: readonly Conversation[] | undefined;
  /** Older chats are not read yet. */
  readonly more: boolean;
  readonly error: AppError | undefined;
  /** The open chat; undefined: a new one, which is stored with its first message. */
  readonly activeId: string | undefined;
  /** A chat in memory alone. It is in no list, and it ends when the person leaves it. */
  readonly temporary: Conversation | undefined;
  /** The window asks whether to leave the temporary chat. */
  readonly leaving: boolean;
}

export const useConversations = create<ConversationsState>(() => ({
  list: undefined,
  more: false,
  error: undefined,
  activeId: passing.read('open-chat'),
  temporary: undefined,
  leaving: false,
}));

/** A chat of the list, or the temporary one. */
export function useConversation(id: string | undefined): Conversation | undefined {
  return useConversations(({ list, temporary }) =>
    temporary !== undefined && temporary.id === id ? temporary : list?.find((chat) => chat.id === id),
  );
}

const pageLength = 200;

export function useIsTemporary(id: string | undefined): boolean {
  return useConversations(({ temporary }) => temporary !== undefined && temporary.id === id);
}

/** Chats deleted or left here. A late change event must not put one back into the list. */
const deleted = new Set<string>();

export function putConversation(conversation: Conversation): void {
  if (deleted.has(conversation.id)) return;
  useConversations.setState(({ list = [], temporary }) =>
    temporary?.id === conversation.id
      ? { temporary: conversation }
      : { list: [...list.filter(({ id }) => id !== conversation.id), conversation].sort(inOrder) },
  );
}

export function openConversation(id: string | undefined): void {
  void goTo(id);
}

/** Opens a chat. @returns false if the person stays in a temporary chat, whose messages would be lost */
export async function goTo(id: string | undefined): Promise<boolean> {
  const { temporary } = useConversations.getState();
  const leaves = temporary !== undefined && temporary.id !== id;
  if (leaves && hasMessages(temporary.id) && !(await askToLeave())) return false;
  if (leaves) endTemporary();
  // No trace of a temporary chat, not even its id.
  passing.write('open-chat', id === temporary?.id ? undefined : id);
  showChat();
  useConversations.setState({ activeId: id });
  return true;
}

let hasMessages: (id: string) => boolean = () => false;

/** The messages are in a store of their own, which imports this one. */
export function tellOfMessages(has: typeof hasMessages): void {
  hasMessages = has;
}

let answered = Promise.withResolvers<boolean>();

/** Asks whether to leave the temporary chat. A second question replaces the first. */
export async function askToLeave(): Promise<boolean> {
  answered.resolve(false);
  answered = Promise.withResolvers();
  useConversations.setState({ leaving: true });
  return await answered.promise;
}

export function answerLeaving(leaves: boolean): void {
  useConversations.setState({ leaving: false });
  answered.resolve(leaves);
}

/** Forgets the temporary chat, unless it was kept. */
function endTemporary(): void {
  const { temporary } = useConversations.getState();
  if (!temporary) return;
  deleted.add(temporary.id);
  useConversations.setState({ temporary: undefined });
  void call('temporary.end', { id: temporary.id });
}

export async function loadConversations(): Promise<void> {
  on('conversations.changed', ({ conversation }) => putConversation(conversation));
  await reloadConversations();
}

/** Reads the list again after an import. */
export async function reloadConversations(): Promise<void> {
  const result = await call('conversations.list', { limit: pageLength });
  if (!result.ok) {
    useConversations.setState({ list: [], error: result.error, activeId: undefined });
    return;
  }
  const { conversations, more, temporary } = result.value;
  useConversations.setState(({ activeId }) => ({
    list: conversations.toSorted(inOrder),
    more,
    error: undefined,
    temporary,
    // The window was reloaded while it showed the temporary chat.
    activeId: activeId ?? temporary?.id,
  }));
}

let loadingMore = false;

/** Reads the next page of the list. */
export async function loadMore(): Promise<void> {
  const { list = [], more } = useConversations.getState();
  const last = list.findLast(({ pinned }) => !pinned);
  if (!more || !last || loadingMore) return;
  loadingMore = true;
  const result = await call('conversations.list', {
    limit: pageLength,
    after: { id: last.id, updatedAt: last.updatedAt },
  });
  loadingMore = false;
  if (!result.ok) {
    showError(result.error);
    return;
  }
  useConversations.setState(({ list: known = [] }) => {
    const ids = new Set(known.map(({ id }) => id));
    const fresh = result.value.conversations.filter(({ id }) => !ids.has(id) && !deleted.has(id));
    return { list: [...known, ...fresh].sort(inOrder), more: result.value.more };
  });
}

/** Stores a new chat. Shows the error and returns undefined if that fails. */
export async function createConversation(): Promise<string | undefined> {
  const id = newId();
  const result = await call('conversations.create', { id, settings: takeUnsavedSettings(id) });
  if (!result.ok) {
    showError(result.error);
    return undefined;
  }
  putConversation(result.value);
  return result.value.id;
}

export async function renameConversation(id: string, title: string): Promise<void> {
  const result = await call('conversations.rename', { id, title });
  if (result.ok) putConversation(result.value);
  else showError(result.error);
}

export async function pinConversations(ids: readonly string[], pinned: boolean): Promise<void> {
  const result = await call('conversations.pin', { ids: [...ids], pinned });
  if (!result.ok) showError(result.error);
}

/** Opens a copy of the chat with all its branches. */
export async function duplicateConversation({ id, title }: Conversation): Promise<void> {
  const copy = { id, newId: newId(), title: strings.sidebar.copyOf(title).slice(0, 200) };
  const result = await call('conversations.duplicate', copy);
  if (!result.ok) {
    showError(result.error);
    return;
  }
  putConversation(result.value);
  openConversation(result.value.id);
}

export async function deleteConversations(conversations: readonly Conversation[]): Promise<void> {
  const ids = conversations.map(({ id }) => id);
  const { activeId } = useConversations.getState();
  const wasOpen = activeId !== undefined && ids.includes(activeId) ? activeId : undefined;
  for (const id of ids) deleted.add(id);
  useConversations.setState(({ list = [] }) => ({ list: list.filter(({ id }) => !deleted.has(id)) }));
  if (wasOpen !== undefined) openConversation(undefined);
  const result = await call('conversations.delete', { ids });
  if (!result.ok) {
    bringBack(conversations);
    showError(result.error);
    return;
  }
  const [first] = conversations;
  const title =
    first && conversations.length === 1
      ? strings.sidebar.deleted(first.title || strings.untitled)
      : strings.sidebar.deletedMany(conversations.length);
  showToast({
    tone: 'plain',
    title,
    action: { label: strings.sidebar.undo, run: () => void restore(ids, wasOpen) },
  });
}

async function restore(ids: string[], reopen: string | undefined): Promise<void> {
  const result = await call('conversations.restore', { ids });
  if (!result.ok) {
    showError(result.error);
    return;
  }
  bringBack(result.value);
  if (reopen !== undefined) openConversation(reopen);
}

function bringBack(conversations: readonly Conversation[]): void {
  for (const conversation of conversations) {
    deleted.delete(conversation.id);
    putConversation(conversation);
  }
}

/** The store's sort order. */
function inOrder(one: Conversation, other: Conversation): number {
  const byPin = Number(other.pinned) - Number(one.pinned);
  return byPin || other.updatedAt - one.updatedAt || (one.id < other.id ? 1 : -1);
}
