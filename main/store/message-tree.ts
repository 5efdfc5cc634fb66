/**
 * A conversation is a tree of messages, of which one path is shown: from a beginning through the active version of each
 * message to the leaf, which the conversation's row names. Reading starts at the leaf, so that the end of a long path
 * costs no more than that of a short one.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Message, Page } from '../../preload/contract.ts';
import { toMessage } from './message-row.ts';
import type { Row } from './message-row.ts';
import type { MessageTable } from './messages.ts';

export interface MessageTree {
  /** The whole path that is shown. */
  path(conversationId: string): readonly Message[];
  /** From the beginning to this message, whether it is shown or not. */
  pathTo(id: string): readonly Message[];
  /** The last `count` messages of the path, and more if that is needed to reach `through`. */
  page(conversationId: string, count: number, through?: string): Page;
  /** The `count` messages before this one, and more if that is needed to reach `through`. */
  pageBefore(id: string, count: number, through?: string): Page;
  /** Adds at the end of the path that is shown. */
  append(conversationId: string, message: Message): void;
  /** Adds below `message.parentId`, or as another beginning, and shows it. */
  branch(conversationId: string, message: Message): void;
  /** Shows the path through this message: down to it, and on along what was shown below it last. */
  show(id: string): void;
  /** Hides a message with everything below it; the path goes on through another version, or ends before it. */
  delete(id: string, now: number): void;
  /** Undoes {@link delete} and shows what it brought back. */
  restore(id: string): boolean;
}

const columns = 'id, parent_id, depth';

/** Upwards from ?1. Each step goes to a smaller depth, so that damaged parents cannot make a circle. */
const upwards = `
  WITH RECURSIVE path (${columns}) AS (
    SELECT ${columns} FROM messages WHERE id = ?1
    UNION ALL
    SELECT parent.id, parent.parent_id, parent.depth
    FROM path JOIN messages AS parent ON parent.id = path.parent_id
    WHERE parent.depth < path.depth AND parent.depth >= ?2
  )`;

/** Downwards from ?1, through the children that `also` lets through. */
const downwards = (also: string): string => `
  WITH RECURSIVE below (id, conversation_id, depth) AS (
    SELECT id, conversation_id, depth FROM messages WHERE id = ?1
    UNION ALL
    SELECT child.id, child.conversation_id, child.depth
    FROM below JOIN messages AS child ON child.conversation_id = below.conversation_id AND child.parent_id = below.id
    WHERE child.depth > below.depth ${also}
  )`;

export function messageTree(database: DatabaseSync, messages: MessageTable): MessageTree {
  const range = database.prepare(`${upwards}
    SELECT messages.*, (
      SELECT count(*) FROM messages AS version
      WHERE version.conversation_id = messages.conversation_id AND version.parent_id IS messages.parent_id
        AND version.deleted_at IS NULL
    ) AS versions
    FROM path JOIN messages ON messages.id = path.id ORDER BY messages.depth`);
  const leaf = database.prepare(`
    SELECT messages.id FROM conversations JOIN messages ON messages.id = conversations.leaf_id
    WHERE conversations.id = ? AND messages.deleted_at IS NULL`);
  const latest = database.prepare(
    'SELECT id FROM messages WHERE conversation_id = ? AND deleted_at IS NULL ORDER BY position DESC LIMIT 1',
  );
  const row = database.prepare('SELECT id, conversation_id, parent_id, depth FROM messages WHERE id = ?');
  const versions = database.prepare(`
    SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS ? AND deleted_at IS NULL ORDER BY position`);
  const activate = database.prepare(`${upwards}
    UPDATE messages SET active = messages.id IN (SELECT id FROM path)
    WHERE conversation_id = (SELECT conversation_id FROM messages WHERE id = ?1)
      AND (parent_id IS NULL OR parent_id IN (SELECT parent_id FROM path))`);
  const deepest = database.prepare(`${downwards('AND child.active = 1 AND child.deleted_at IS NULL')}
    SELECT id FROM below ORDER BY depth DESC LIMIT 1`);
  const setLeaf = database.prepare('UPDATE conversations SET leaf_id = ? WHERE id = ?');
  const setDeleted = database.prepare(`${downwards('')}
    UPDATE messages SET deleted_at = ?2 WHERE id IN (SELECT id FROM below) AND deleted_at IS ?3`);
  const deletedAt = database.prepare('SELECT deleted_at FROM messages WHERE id = ?');

  const depthOf = (id: string | undefined): number => Number(id === undefined ? 0 : (row.get(id)?.['depth'] ?? 0));
  const versionsOf = (of: Row): readonly string[] =>
    versions.all(String(of['conversation_id']), of['parent_id'] as string | null).map(({ id }) => String(id));

  const withVersions = (found: Row): Message[] => {
    const message = toMessage(found);
    if (!message) return [];
    return [Number(found['versions']) > 1 ? { ...message, versions: versionsOf(found) } : message];
  };
  /** Messages from depth `first` on, down to `last`. */
  const between = (last: string | undefined, first: number): Page => {
    if (last === undefined) return { messages: [], earlier: 0 };
    const start = Math.max(0, first);
    return { messages: range.all(last, start).flatMap(withVersions), earlier: start };
  };
  const leafOf = (conversationId: string): string | undefined => {
    // A leaf that is damaged must not hide the rest.
    const found = leaf.get(conversationId) ?? latest.get(conversationId);
    return found && String(found['id']);
  };
  const show = (id: string): void => {
    activate.run(id, 0);
    setLeaf.run(String(deepest.get(id)?.['id'] ?? id), String(row.get(id)?.['conversation_id']));
  };
  const branch = (conversationId: string, message: Message): void => {
    messages.insert(conversationId, message, true);
    show(message.id);
  };

  return {
    path: (conversationId) => between(leafOf(conversationId), 0).messages,
    pathTo: (id) => between(id, 0).messages,
    page(conversationId, count, through) {
      const last = leafOf(conversationId);
      const first = depthOf(last) - count + 1;
      return between(last, through === undefined ? first : Math.min(first, depthOf(through)));
    },
    pageBefore(id, count, through) {
      const parent = row.get(id)?.['parent_id'];
      if (typeof parent !== 'string') return { messages: [], earlier: 0 };
      const first = depthOf(parent) - count + 1;
      return between(parent, through === undefined ? first : Math.min(first, depthOf(through)));
    },
    append(conversationId, message) {
      const parentId = leafOf(conversationId);
      messages.insert(conversationId, { ...message, ...(parentId === undefined ? {} : { parentId }) }, true);
      setLeaf.run(message.id, conversationId);
    },
    branch,
    show,
    delete(id, now) {
      const found = row.get(id);
      if (!found) return;
      const conversationId = String(found['conversation_id']);
      const shown = between(leafOf(conversationId), 0).messages.some((message) => message.id === id);
      const all = versionsOf(found);
      setDeleted.run(id, now, null);
      if (!shown) return;
      const at = all.indexOf(id);
      const next = all[at + 1] ?? all[at - 1] ?? found['parent_id'];
      if (typeof next === 'string') show(next);
      else setLeaf.run(null, conversationId);
    },
    restore(id) {
      const time = deletedAt.get(id)?.['deleted_at'];
      if (typeof time !== 'number') return false;
      setDeleted.run(id, null, time);
      show(id);
      return true;
    },
  };
}
