import type { FileChat, FileMessage } from './chat-file.ts';
import type { Store } from '../store/store.ts';
import { validOverrides } from '../store/valid-settings.ts';

export type ChatStore = Pick<Store, 'conversations' | 'messages' | 'tree' | 'transaction'>;

/** A chat of the store with all branches; undefined if it does not exist. A running answer counts as interrupted. */
export function readChat(store: ChatStore, id: string): FileChat | undefined {
  const { conversations, messages, tree } = store;
  const conversation = conversations.get(id);
  if (!conversation) return undefined;
  const leafId = tree.path(id).at(-1)?.id;
  const { title, createdAt, updatedAt, pinned, contextPolicy } = conversation;
  return {
    id,
    title,
    createdAt,
    updatedAt,
    pinned,
    ...(contextPolicy && { contextPolicy }),
    settings: validOverrides(conversations.settings(id)),
    ...(leafId !== undefined && { leafId }),
    messages: messages.all(id).map(({ message, active }): FileMessage => {
      const { id: own, parentId, role, text, thought, state, createdAt: at, attachments, figures, error } = message;
      return {
        id: own,
        ...(parentId !== undefined && { parentId }),
        active,
        role,
        text,
        ...(thought && { thought }),
        state: state === 'streaming' ? 'interrupted' : state,
        createdAt: at,
        ...(attachments && { attachments }),
        ...(figures && { figures }),
        ...(error && { error }),
      };
    }),
  };
}

/** Ids of all chats in the order of the list: pinned ones first, then by last change. */
export function allChatIds({ conversations }: ChatStore): readonly string[] {
  const pageLength = 500;
  const ids = conversations.pinned().map(({ id }) => id);
  for (let page = conversations.list(pageLength); page.length > 0; page = conversations.list(pageLength, page.at(-1))) {
    ids.push(...page.map(({ id }) => id));
  }
  return ids;
}
