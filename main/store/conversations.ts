import type { Connection } from './connection.ts';
import { contextPolicies } from '../../preload/contract/values.ts';
import type { ContextPolicy, Conversation } from '../../preload/contract.ts';
import { idForm } from './mend-conversations.ts';
import { parse, safeInteger } from './message-row.ts';
import type { Row } from './message-row.ts';

const placeholderTitle = 'New chat';

/** Rows of `conversations`. A deleted conversation can be restored until the next start of the app. */
export interface ConversationTable {
  /** A page of the unpinned conversations, last changed first. */
  list(limit: number, after?: Pick<Conversation, 'id' | 'updatedAt'>): readonly Conversation[];
  pinned(): readonly Conversation[];
  get(id: string): Conversation | undefined;
  /** Whether the id is in use, also by a deleted conversation. */
  isTaken(id: string): boolean;
  create(id: string, now: number): Conversation;
  rename(id: string, title: string): Conversation | undefined;
  /** Titles a conversation by its first message, if nobody has named it. */
  suggestTitle(id: string, title: string): void;
  /** Names a conversation that nobody has named. After that, only a person changes the name. */
  nameOnce(id: string, title: string): Conversation | undefined;
  /** True until a person or a model names it. */
  isUntitled(id: string): boolean;
  pin(id: string, pinned: boolean): Conversation | undefined;
  /** Its own settings. The reader checks the values. */
  settings(id: string): Readonly<Record<string, unknown>>;
  configure(id: string, settings: object): boolean;
  setContextPolicy(id: string, policy: ContextPolicy): Conversation | undefined;
  touch(id: string, now: number): void;
  delete(id: string, now: number): boolean;
  restore(id: string): Conversation | undefined;
  /** Cannot be undone. */
  purgeDeleted(): void;
}

const columns = `id, title, pinned IS 1 AS pinned, context_policy, ${safeInteger('created_at')}, ${safeInteger('updated_at')}`;
const longestTitle = 200;
const time = (value: unknown): number => Math.min(Math.max(0, Number(value)), Number.MAX_SAFE_INTEGER) || 0;

/** A damaged column does not hide its chat. A row with a damaged id is ignored. */
function toConversation(row: Row): readonly Conversation[] {
  const { id, title } = row;
  if (typeof id !== 'string' || !idForm.test(id)) return [];
  const contextPolicy = contextPolicies.find((policy) => policy === row['context_policy']);
  return [
    {
      id,
      title: typeof title === 'string' ? title.slice(0, longestTitle) : placeholderTitle,
      createdAt: time(row['created_at']),
      updatedAt: time(row['updated_at']),
      pinned: row['pinned'] === 1,
      ...(contextPolicy ? { contextPolicy } : {}),
    },
  ];
}

export function conversationTable(database: Connection): ConversationTable {
  const present = `SELECT ${columns} FROM conversations WHERE deleted_at IS NULL`;
  // The column of the table, not the selected value: the index has that one.
  const inOrder = 'ORDER BY conversations.updated_at DESC, conversations.id DESC';
  const first = database.prepare(`${present} AND pinned IS NOT 1 ${inOrder} LIMIT ?`);
  const next = database.prepare(`${present} AND pinned IS NOT 1 AND (updated_at, id) < (?, ?) ${inOrder} LIMIT ?`);
  const pinned = database.prepare(`${present} AND pinned = 1 ${inOrder}`);
  const get = database.prepare(`${present} AND id = ?`);
  const taken = database.prepare('SELECT 1 FROM conversations WHERE id = ?');
  const insert = database.prepare('INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)');
  const rename = database.prepare(
    'UPDATE conversations SET title = ?, untitled = 0 WHERE id = ? AND deleted_at IS NULL',
  );
  const suggest = database.prepare('UPDATE conversations SET title = ? WHERE id = ? AND untitled = 1');
  const nameOnce = database.prepare('UPDATE conversations SET title = ?, untitled = 0 WHERE id = ? AND untitled = 1');
  const untitled = database.prepare('SELECT untitled FROM conversations WHERE id = ?');
  const pin = database.prepare('UPDATE conversations SET pinned = ? WHERE id = ?');
  const settings = database.prepare('SELECT settings FROM conversations WHERE id = ?');
  const configure = database.prepare('UPDATE conversations SET settings = ? WHERE id = ? AND deleted_at IS NULL');
  const setPolicy = database.prepare('UPDATE conversations SET context_policy = ? WHERE id = ?');
  const touch = database.prepare('UPDATE conversations SET updated_at = ? WHERE id = ?');
  const remove = database.prepare('UPDATE conversations SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL');
  const restore = database.prepare('UPDATE conversations SET deleted_at = NULL WHERE id = ?');
  const purge = database.prepare('DELETE FROM conversations WHERE deleted_at IS NOT NULL');

  const find = (id: string): Conversation | undefined => {
    const row = get.get(id);
    return row && toConversation(row)[0];
  };
  return {
    list: (limit, after) =>
      (after ? next.all(after.updatedAt, after.id, limit) : first.all(limit)).flatMap(toConversation),
    pinned: () => pinned.all().flatMap(toConversation),
    get: find,
    isTaken: (id) => taken.get(id) !== undefined,
    create(id, now) {
      insert.run(id, placeholderTitle, now, now);
      return { id, title: placeholderTitle, createdAt: now, updatedAt: now, pinned: false };
    },
    rename(id, title) {
      rename.run(title, id);
      return find(id);
    },
    suggestTitle: (id, title) => void suggest.run(title, id),
    nameOnce: (id, title) => (nameOnce.run(title, id).changes === 1 ? find(id) : undefined),
    isUntitled: (id) => untitled.get(id)?.['untitled'] === 1,
    pin(id, wanted) {
      pin.run(wanted ? 1 : 0, id);
      return find(id);
    },
    settings: (id) => ({ ...parse(settings.get(id)?.['settings']) }),
    configure: (id, value) => configure.run(JSON.stringify(value), id).changes === 1,
    setContextPolicy(id, policy) {
      setPolicy.run(policy, id);
      return find(id);
    },
    touch: (id, now) => void touch.run(now, id),
    delete: (id, now) => remove.run(now, id).changes === 1,
    restore(id) {
      restore.run(id);
      return find(id);
    },
    purgeDeleted: () => void purge.run(),
  };
}
