import { createHash } from 'node:crypto';
import type { Connection } from './connection.ts';

export const idForm = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Repairs rows that would hide conversations. A message without a conversation moves to that of the message before it, or
 * to a new one. Times that would stop the list get usable values. Visits each conversation once, however many messages it
 * has.
 */
export function mendConversations(database: Pick<Connection, 'prepare'>): void {
  const orphaned = database
    .prepare(
      `
    WITH RECURSIVE used (id) AS (
      SELECT min(conversation_id) FROM messages
      UNION ALL
      SELECT (SELECT min(conversation_id) FROM messages WHERE conversation_id > used.id) FROM used WHERE used.id IS NOT NULL
    )
    SELECT id FROM used WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.id = used.id)`,
    )
    .all();
  for (const { id = null } of orphaned) {
    database
      .prepare(
        `UPDATE OR IGNORE messages SET conversation_id = parent.conversation_id
        FROM messages AS parent JOIN conversations ON conversations.id = parent.conversation_id
        WHERE messages.conversation_id = ? AND parent.id = messages.parent_id`,
      )
      .run(id);
    const kept = typeof id === 'string' && idForm.test(id) ? id : `recovered-${hash(id)}`;
    database
      .prepare(
        `INSERT INTO conversations (id, title, created_at, updated_at)
        SELECT ?, 'Recovered chat', coalesce(min(created_at), 0), coalesce(max(created_at), 0)
        FROM messages WHERE conversation_id = ? HAVING count(*) > 0`,
      )
      .run(kept, id);
    if (kept !== id)
      database.prepare('UPDATE messages SET conversation_id = ? WHERE conversation_id = ?').run(kept, id);
  }
  database
    .prepare(
      `UPDATE conversations SET updated_at = 0
      WHERE typeof(updated_at) <> 'integer' OR updated_at NOT BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}`,
    )
    .run();
}

function hash(id: unknown): string {
  return createHash('sha256').update(String(id)).digest('hex').slice(0, 16);
}
