import { createHash } from 'node:crypto';
import type { FileChat, FileMessage } from '../chat-file.ts';
import type { ChatStore } from '../read-chat.ts';
import type { IncomingChat } from './foreign-chat.ts';

export interface WrittenChat {
  readonly id: string;
  /** All its messages were in the store: nothing was written. */
  readonly known: boolean;
}

/**
 * Adds a chat in one transaction. Stored chats do not change: if an id is taken, the new chat gets new ids, the same each
 * time, so that the next import finds it.
 * @throws SQLite's own error
 */
export function writeChat(store: ChatStore, { chat, ownIds, fingerprint }: IncomingChat): WrittenChat {
  return store.transaction(() => {
    for (let attempt = 0; ; attempt++) {
      const isOwn = ownIds && attempt === 0;
      const id = isOwn ? chat.id : digest(fingerprint, String(attempt));
      const idOf = (message: string): string => (isOwn ? message : digest(id, message));
      if (store.conversations.get(id)) {
        if (holds(store, id, chat.messages, idOf)) return { id, known: true };
        continue;
      }
      // Deleted chats that can be restored keep their ids.
      const isTaken =
        store.conversations.isTaken(id) || chat.messages.some((message) => store.messages.isTaken(idOf(message.id)));
      if (isTaken) continue;
      insert(store, id, chat, idOf);
      return { id, known: false };
    }
  });
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('base64url').slice(0, 32);
}

/** Whether a chat has all these messages, and perhaps more. */
function holds(
  store: ChatStore,
  id: string,
  messages: readonly FileMessage[],
  idOf: (message: string) => string,
): boolean {
  const stored = new Map(store.messages.all(id).map(({ message }) => [message.id, message]));
  return messages.every((message) => {
    const found = stored.get(idOf(message.id));
    return found?.role === message.role && found.text === message.text && found.thought?.text === message.thought?.text;
  });
}

function insert(store: ChatStore, id: string, chat: FileChat, idOf: (message: string) => string): void {
  const { conversations, messages, tree } = store;
  conversations.create(id, chat.createdAt);
  conversations.rename(id, chat.title);
  conversations.touch(id, chat.updatedAt);
  conversations.configure(id, chat.settings);
  if (chat.pinned) conversations.pin(id, true);
  if (chat.contextPolicy) conversations.setContextPolicy(id, chat.contextPolicy);
  // If a file marks several versions as shown, the last one is.
  const shown = new Map(chat.messages.filter(({ active }) => active).map((message) => [message.parentId, message.id]));
  for (const { active, parentId, ...message } of chat.messages) {
    const placed = { ...message, id: idOf(message.id), ...(parentId !== undefined && { parentId: idOf(parentId) }) };
    messages.insert(id, placed, active && shown.get(parentId) === message.id);
  }
  if (chat.leafId !== undefined) tree.show(idOf(chat.leafId));
}
