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

/** Every statement of the tree, prepared once. */
function treeStatements(database: Connection) {
  return {
    range: database.prepare(`${upwards}
    SELECT ${messageColumns}, ${safeInteger('messages.depth', 'depth')}, (
      SELECT count(*) FROM messages AS version
      WHERE version.conversation_id = messages.conversation_id AND version.parent_id IS messages.parent_id
        AND version.deleted_at IS NULL
    ) AS versions
    FROM path JOIN messages ON messages.id = path.id ORDER BY messages.depth`),
    leaf: database.prepare(`
    SELECT messages.id FROM conversations
      JOIN messages ON messages.id = conversations.leaf_id AND messages.conversation_id = conversations.id
    WHERE conversations.id = ? AND messages.deleted_at IS NULL`),
    latest: database.prepare(
      'SELECT id FROM messages WHERE conversation_id = ? AND deleted_at IS NULL ORDER BY position DESC LIMIT 1',
    ),
    beginning: database.prepare(`
    SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS NULL AND deleted_at IS NULL
    ORDER BY active DESC, position DESC LIMIT 1`),
    missingLeaf: database.prepare(`
    SELECT leaf_id FROM conversations WHERE id = ? AND NOT EXISTS (SELECT 1 FROM messages WHERE id = leaf_id)`),
    row: database.prepare(
      `SELECT id, conversation_id, parent_id, role, ${safeInteger('depth')} FROM messages WHERE id = ?`,
    ),
    versions: database.prepare(`
    SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS ? AND deleted_at IS NULL ORDER BY position`),
    activate: database.prepare(`${upwards}
    UPDATE messages SET active = messages.id IN (SELECT id FROM path)
    WHERE conversation_id = (SELECT conversation_id FROM messages WHERE id = ?1)
      AND (parent_id IS NULL OR parent_id IN (SELECT parent_id FROM path))`),
    deepest: database.prepare(`${downwards('AND child.active = 1 AND child.deleted_at IS NULL')}
    SELECT id FROM below ORDER BY depth DESC LIMIT 1`),
    setLeaf: database.prepare('UPDATE conversations SET leaf_id = ? WHERE id = ?'),
    setDeleted: database.prepare(`${downwards('')}
    UPDATE messages SET deleted_at = ?2 WHERE id IN (SELECT id FROM below) AND deleted_at IS ?3`),
    deletedAt: database.prepare('SELECT deleted_at FROM messages WHERE id = ?'),
  };
}

export function messageTree(database: Connection, messages: MessageTable): MessageTree {
  return new StoredTree(database, messages);
}

class StoredTree implements MessageTree {
  readonly #sql: ReturnType<typeof treeStatements>;
  readonly #messages: MessageTable;
  readonly #relink: ReturnType<typeof linker>;

  constructor(database: Connection, messages: MessageTable) {
    this.#sql = treeStatements(database);
    this.#messages = messages;
    this.#relink = linker(database);
  }

  path(conversationId: string): readonly Message[] {
    return this.#between(this.#leafOf(conversationId), () => 0).messages;
  }

  pathTo(id: string): readonly Message[] {
    return this.#between(id, () => 0).messages;
  }

  page(conversationId: string, count: number, through?: string): Page {
    return this.#between(this.#leafOf(conversationId), this.#startOf(count, through));
  }

  pageBefore(id: string, count: number, through?: string): Page {
    const parentOf = (): unknown => this.#row(id)?.['parent_id'];
    let parent = parentOf();
    const isHere =
      typeof parent === 'string' && this.#row(parent)?.['conversation_id'] === this.#row(id)?.['conversation_id'];
    if (this.#depthOf(id) > 0 && !isHere) {
      this.#relink.around(id);
      parent = parentOf();
    }
    if (typeof parent !== 'string') return { messages: [], earlier: 0 };
    return this.#between(parent, this.#startOf(count, through));
  }

  append(conversationId: string, message: Message): void {
    const parentId = this.#leafOf(conversationId);
    this.#messages.insert(conversationId, { ...message, ...(parentId === undefined ? {} : { parentId }) }, true);
    this.#sql.setLeaf.run(message.id, conversationId);
  }

  branch(conversationId: string, message: Message): void {
    this.#messages.insert(conversationId, message, true);
    this.show(message.id);
  }

  show(id: string): void {
    this.#sql.activate.run(id, 0);
    this.#sql.setLeaf.run(this.#downFrom(id), String(this.#row(id)?.['conversation_id']));
  }

  delete(id: string, now: number): void {
    const found = this.#row(id);
    if (!found) return;
    const conversationId = String(found['conversation_id']);
    const isShown = this.path(conversationId).some((message) => message.id === id);
    const all = this.#versionsOf(found);
    this.#sql.setDeleted.run(id, now, null);
    if (!isShown) return;
    const at = all.indexOf(id);
    const next = all[at + 1] ?? all[at - 1] ?? found['parent_id'];
    if (typeof next === 'string') this.show(next);
    else this.#sql.setLeaf.run(null, conversationId);
  }

  restore(id: string): boolean {
    const time = this.#sql.deletedAt.get(id)?.['deleted_at'];
    if (typeof time !== 'number') return false;
    this.#sql.setDeleted.run(id, null, time);
    this.show(id);
    return true;
  }

  #row(id: string): Row | undefined {
    return this.#sql.row.get(id);
  }

  #depthOf(id: string | undefined): number {
    return Number(id === undefined ? 0 : (this.#row(id)?.['depth'] ?? 0));
  }

  /** The message at the end of the shown path through `id`. */
  #downFrom(id: string): string {
    return String(this.#sql.deepest.get(id)?.['id'] ?? id);
  }

  #versionsOf(of: Row): readonly string[] {
    const rows = this.#sql.versions.all(String(of['conversation_id']), of['parent_id'] as string | null);
    return rows.map(({ id }) => String(id));
  }

  /** Empty if the row is damaged. */
  #withVersions(found: Row): Message[] {
    const message = toMessage(found);
    if (!message) return [];
    return [Number(found['versions']) > 1 ? { ...message, versions: this.#versionsOf(found) } : message];
  }

  /** The first depth of a page that ends at a given depth. */
  #startOf(count: number, through: string | undefined): (depth: number) => number {
    return (depth) => Math.min(depth - count + 1, through === undefined ? depth : this.#depthOf(through));
  }

  /** Messages from depth `first` down to `last`. Repairs the path first if a parent is missing. */
  #between(last: string | undefined, first: (depth: number) => number): Page {
    if (last === undefined) return { messages: [], earlier: 0 };
    const read = (): { readonly start: number; readonly rows: readonly Row[] } => {
      const start = Math.max(0, first(this.#depthOf(last)));
      return { start, rows: this.#sql.range.all(last, start) };
    };
    let { start, rows } = read();
    if (!isChain(rows, start)) {
      this.#relink.around(last);
      ({ start, rows } = read());
    }
    return { messages: rows.flatMap((row) => this.#withVersions(row)), earlier: start };
  }

  /** The last message of the shown path. Repairs a conversation that names none, or names a lost message. */
  #leafOf(conversationId: string): string | undefined {
    const sql = this.#sql;
    const found = sql.leaf.get(conversationId);
    if (found) return this.#downFrom(String(found['id']));
    // A conversation without a leaf is empty or damaged. Damage must not hide its messages.
    const missing = sql.missingLeaf.get(conversationId)?.['leaf_id'];
    const [root, last] = [sql.beginning.get(conversationId)?.['id'], sql.latest.get(conversationId)?.['id']];
    const shown = typeof root === 'string' ? this.#downFrom(root) : undefined;
    const end = [shown, last]
      .filter((id) => typeof id === 'string')
      .sort((a, b) => this.#depthOf(b) - this.#depthOf(a))[0];
    // A chat that ends with an answer is complete: only the name of its end is lost.
    const isEnd = end !== undefined && this.#row(end)?.['role'] === 'assistant';
    if (typeof missing !== 'string' || !canStandFor(missing) || isEnd) return end;
    this.#relink.leaf(conversationId, missing, end);
    return missing;
  }
}

/** Whether these are a whole path from depth `start` on: each below the one before, the first of all below none. */
function isChain(rows: readonly Row[], start: number): boolean {
  const beginning = rows[0];
  if (!beginning || (start === 0 && beginning['parent_id'] !== null)) return false;
  return rows.every(({ depth }, index) => depth === start + index);
}
