/** The list of chats and which one is open. */
import { create } from 'zustand';
import type { AppError, Conversation } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { strings } from '../strings.ts';
import { newId } from '../ui/id.ts';
import { passing } from '../ui/memory.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

interface ConversationsState {
  /** Last changed first; undefined until they are read. */
  readonly list: readonly Conversation[] | undefined;
  readonly error: AppError | undefined;
  /** The open chat; undefined: a new one that is not stored before its first message. */
  readonly activeId: string | undefined;
}

export const useConversations = create<ConversationsState>(() => ({
  list: undefined,
  error: undefined,
  activeId: passing.read('open-chat'),
}));

/** Chats that were deleted here: a late change of one must not bring it back into the list. */
const deleted = new Set<string>();

export function putConversation(conversation: Conversation): void {
  if (deleted.has(conversation.id)) return;
  useConversations.setState(({ list = [] }) => ({
    list: [...list.filter(({ id }) => id !== conversation.id), conversation].sort(lastFirst),
  }));
}

export function openConversation(id: string | undefined): void {
  passing.write('open-chat', id);
  useConversations.setState({ activeId: id });
}

export async function loadConversations(): Promise<void> {
  on('conversations.changed', ({ conversation }) => putConversation(conversation));
  const result = await call('conversations.list', {});
  if (!result.ok) {
    useConversations.setState({ list: [], error: result.error, activeId: undefined });
    return;
  }
  useConversations.setState({ list: result.value.toSorted(lastFirst), error: undefined });
  const { activeId } = useConversations.getState();
  if (!result.value.some(({ id }) => id === activeId)) openConversation(undefined);
}

/** Stores a new chat; undefined, with the failure shown, if it cannot be stored. */
export async function createConversation(): Promise<string | undefined> {
  const result = await call('conversations.create', { id: newId() });
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

export async function deleteConversation(conversation: Conversation): Promise<void> {
  const { id } = conversation;
  const wasOpen = useConversations.getState().activeId === id;
  deleted.add(id);
  useConversations.setState(({ list = [] }) => ({ list: list.filter((other) => other.id !== id) }));
  if (wasOpen) openConversation(undefined);
  const result = await call('conversations.delete', { id });
  if (!result.ok) {
    deleted.delete(id);
    putConversation(conversation);
    showError(result.error);
    return;
  }
  showToast({
    tone: 'plain',
    title: strings.sidebar.deleted(conversation.title || strings.untitled),
    action: { label: strings.sidebar.undo, run: () => void restore(id, wasOpen) },
  });
}

async function restore(id: string, reopen: boolean): Promise<void> {
  const result = await call('conversations.restore', { id });
  if (!result.ok) {
    showError(result.error);
    return;
  }
  deleted.delete(id);
  putConversation(result.value);
  if (reopen) openConversation(id);
}

function lastFirst(one: Conversation, other: Conversation): number {
  return other.updatedAt - one.updatedAt || one.id.localeCompare(other.id);
}
