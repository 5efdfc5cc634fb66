/**
 * A conversation is a tree of messages. One path is shown: from a beginning through the active version of each message to
 * the leaf, which the conversation's row names. Reading starts at the leaf, so that a long path opens as fast as a short one.
 */
import type { Connection } from './connection.ts';
import type { Message, Page } from '../../preload/contract.ts';
import { messageColumns, safeInteger, toMessage } from './message-row.ts';
import type { Row } from './message-row.ts';
import type { MessageTable } from './messages.ts';
import { canStandFor, linker } from './relink.ts';

export interface MessageTree {
  /** The whole shown path. */
  path(conversationId: string): readonly Message[];
  /** The path from the beginning to this message, shown or not. */
  pathTo(id: string): readonly Message[];
  /** The last `count` messages of the path, or more to reach `through`. */
  page(conversationId: string, count: number, through?: string): Page;
  /** The `count` messages before this one, or more to reach `through`. */
  pageBefore(id: string, count: number, through?: string): Page;
  /** Adds a message at the end of the shown path. */
  append(conversationId: string, message: Message): void;
  /** Adds a message below `message.parentId`, or as another beginning, and shows it. */
  branch(conversationId: string, message: Message): void;
  /** Shows the path through this message and on along the branch that was shown below it last. */
  show(id: string): void;
  /** Hides a message and its descendants. The path continues through another version, or ends before it. */
  delete(id: string, now: number): void;
  /** Undoes {@link delete} and shows the restored messages. */
  restore(id: string): boolean;
}

const columns = 'id, conversation_id, parent_id, depth';

/** Walks up from ?1. Each step must reach a smaller depth, so that damaged parents cannot make a circle. */
const upwards = `
  WITH RECURSIVE path (${columns}) AS (
    SELECT ${columns} FROM messages WHERE id = ?1
    UNION ALL
    SELECT parent.id, parent.conversation_id, parent.parent_id, parent.depth
    FROM path JOIN messages AS parent ON parent.id = path.parent_id AND parent.conversation_id = path.conversation_id
    WHERE parent.depth < path.depth AND parent.depth >= ?2
  )`;

/** Walks down from ?1 through the children that match `also`. */
const downwards = (also: string): string => `
  WITH RECURSIVE below (id, conversation_id, depth) AS (
    SELECT id, conversation_id, depth FROM messages WHERE id = ?1
    UNION ALL
    SELECT child.id, child.conversation_id, child.depth
    FROM below JOIN messages AS child ON child.conversation_id = below.conversation_id AND child.parent_id = below.id
    WHERE child.depth > below.depth ${also}
  )`;

export function messageTree(database: Connection, messages: MessageTable): MessageTree {
  const range = database.prepare(`${upwards}
    SELECT ${messageColumns}, ${safeInteger('messages.depth', 'depth')}, (
      SELECT count(*) FROM messages AS version
      WHERE version.conversation_id = messages.conversation_id AND version.parent_id IS messages.parent_id
        AND version.deleted_at IS NULL
    ) AS versions
    FROM path JOIN messages ON messages.id = path.id ORDER BY messages.depth`);
  const leaf = database.prepare(`
    SELECT messages.id FROM conversations
      JOIN messages ON messages.id = conversations.leaf_id AND messages.conversation_id = conversations.id
    WHERE conversations.id = ? AND messages.deleted_at IS NULL`);
  const latest = database.prepare(
    'SELECT id FROM messages WHERE conversation_id = ? AND deleted_at IS NULL ORDER BY position DESC LIMIT 1',
  );
  const beginning = database.prepare(`
    SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS NULL AND deleted_at IS NULL
    ORDER BY active DESC, position DESC LIMIT 1`);
  const missingLeaf = database.prepare(`
    SELECT leaf_id FROM conversations WHERE id = ? AND NOT EXISTS (SELECT 1 FROM messages WHERE id = leaf_id)`);
  const row = database.prepare(
    `SELECT id, conversation_id, parent_id, role, ${safeInteger('depth')} FROM messages WHERE id = ?`,
  );
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
  const relink = linker(database);
  const downFrom = (id: string): string => String(deepest.get(id)?.['id'] ?? id);
  /** The messages from depth `first` to `last`. */
  const between = (last: string | undefined, first: (depth: number) => number): Page => {
    if (last === undefined) return { messages: [], earlier: 0 };
    const read = (): { readonly start: number; readonly rows: readonly Row[] } => {
      const start = Math.max(0, first(depthOf(last)));
      return { start, rows: range.all(last, start) };
    };
    let { start, rows } = read();
    if (!isChain(rows, start)) {
      relink.around(last);
      ({ start, rows } = read());
    }
    return { messages: rows.flatMap(withVersions), earlier: start };
  };
  const leafOf = (conversationId: string): string | undefined => {
    const found = leaf.get(conversationId);
    if (found) return downFrom(String(found['id']));
    // A conversation without a leaf is empty or damaged. Damage must not hide its messages.
    const missing = missingLeaf.get(conversationId)?.['leaf_id'];
    const [root, last] = [beginning.get(conversationId)?.['id'], latest.get(conversationId)?.['id']];
    const shown = typeof root === 'string' ? downFrom(root) : undefined;
    const end = [shown, last].filter((id) => typeof id === 'string').sort((a, b) => depthOf(b) - depthOf(a))[0];
    // A chat ends with an answer. If this one does, only the name of its leaf is missing.
    const isEnd = end !== undefined && row.get(end)?.['role'] === 'assistant';
    if (typeof missing !== 'string' || !canStandFor(missing) || isEnd) return end;
    relink.leaf(conversationId, missing, end);
    return missing;
  };
  const pageOf =
    (count: number, through: string | undefined) =>
    (depth: number): number =>
      Math.min(depth - count + 1, through === undefined ? depth : depthOf(through));
  const show = (id: string): void => {
    activate.run(id, 0);
    setLeaf.run(String(deepest.get(id)?.['id'] ?? id), String(row.get(id)?.['conversation_id']));
  };
  const branch = (conversationId: string, message: Message): void => {
    messages.insert(conversationId, message, true);
    show(message.id);
  };

  return {
    path: (conversationId) => between(leafOf(conversationId), () => 0).messages,
    pathTo: (id) => between(id, () => 0).messages,
    page(conversationId, count, through) {
      return between(leafOf(conversationId), pageOf(count, through));
    },
    pageBefore(id, count, through) {
      const parentOf = (): unknown => row.get(id)?.['parent_id'];
      let parent = parentOf();
      const isHere =
        typeof parent === 'string' && row.get(parent)?.['conversation_id'] === row.get(id)?.['conversation_id'];
      if (depthOf(id) > 0 && !isHere) {
        relink.around(id);
        parent = parentOf();
      }
      if (typeof parent !== 'string') return { messages: [], earlier: 0 };
      return between(parent, pageOf(count, through));
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
      const shown = between(leafOf(conversationId), () => 0).messages.some((message) => message.id === id);
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

/** Whether these form a complete path from depth `start`: each below the one before, the first without a parent. */
function isChain(rows: readonly Row[], start: number): boolean {
  const beginning = rows[0];
  if (!beginning || (start === 0 && beginning['parent_id'] !== null)) return false;
  return rows.every(({ depth }, index) => depth === start + index);
}
