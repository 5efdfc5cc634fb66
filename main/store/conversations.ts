import type { DatabaseSync } from 'node:sqlite';
import type { Conversation } from '../../preload/contract.ts';

const placeholderTitle = 'New chat';

/** Rows of `conversations`. What is deleted can be restored until the app starts the next time. */
export interface ConversationTable {
  /** Latest first. */
  list(): readonly Conversation[];
  get(id: string): Conversation | undefined;
  create(id: string, now: number): Conversation;
  rename(id: string, title: string): Conversation | undefined;
  /** Gives a conversation that nobody has named yet a title made from its first message. */
  suggestTitle(id: string, title: string): void;
  touch(id: string, now: number): void;
  delete(id: string, now: number): boolean;
  restore(id: string): Conversation | undefined;
  /** For good. */
  purgeDeleted(): void;
}

type Row = Record<string, unknown>;

const toConversation = (row: Row): Conversation => ({
  id: String(row['id']),
  title: String(row['title']),
  createdAt: Number(row['created_at']),
  updatedAt: Number(row['updated_at']),
});

export function conversationTable(database: DatabaseSync): ConversationTable {
  const list = database.prepare(
    'SELECT * FROM conversations WHERE deleted_at IS NULL ORDER BY updated_at DESC, rowid DESC',
  );
  const get = database.prepare('SELECT * FROM conversations WHERE id = ? AND deleted_at IS NULL');
  const insert = database.prepare('INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)');
  const rename = database.prepare(
    'UPDATE conversations SET title = ?, untitled = 0 WHERE id = ? AND deleted_at IS NULL',
  );
  const suggest = database.prepare('UPDATE conversations SET title = ? WHERE id = ? AND untitled = 1');
  const touch = database.prepare('UPDATE conversations SET updated_at = ? WHERE id = ?');
  const remove = database.prepare('UPDATE conversations SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL');
  const restore = database.prepare('UPDATE conversations SET deleted_at = NULL WHERE id = ?');
  const purge = database.prepare('DELETE FROM conversations WHERE deleted_at IS NOT NULL');

  const find = (id: string): Conversation | undefined => {
    const row = get.get(id);
    return row && toConversation(row);
  };
  return {
    list: () => list.all().map(toConversation),
    get: find,
    create(id, now) {
      insert.run(id, placeholderTitle, now, now);
      return { id, title: placeholderTitle, createdAt: now, updatedAt: now };
    },
    rename(id, title) {
      rename.run(title, id);
      return find(id);
    },
    suggestTitle: (id, title) => void suggest.run(title, id),
    touch: (id, now) => void touch.run(now, id),
    delete: (id, now) => remove.run(now, id).changes === 1,
    restore(id) {
      restore.run(id);
      return find(id);
    },
    purgeDeleted: () => void purge.run(),
  };
}
