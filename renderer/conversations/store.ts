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
}

export const useConversations = create<ConversationsState>(() => ({
  list: undefined,
  more: false,
  error: undefined,
  activeId: passing.read('open-chat'),
}));

const pageLength = 200;

/** Chats deleted here. A late change event must not put one back into the list. */
const deleted = new Set<string>();

export function putConversation(conversation: Conversation): void {
  if (deleted.has(conversation.id)) return;
  useConversations.setState(({ list = [] }) => ({
    list: [...list.filter(({ id }) => id !== conversation.id), conversation].sort(inOrder),
  }));
}

export function openConversation(id: string | undefined): void {
  passing.write('open-chat', id);
  showChat();
  useConversations.setState({ activeId: id });
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
  const { conversations, more } = result.value;
  useConversations.setState({ list: conversations.toSorted(inOrder), more, error: undefined });
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
