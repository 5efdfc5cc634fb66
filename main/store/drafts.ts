import type { Connection } from './connection.ts';
import type { Draft } from '../../preload/contract.ts';
import { toAttachments, toJson } from './message-row.ts';

/** Rows of `drafts`: one unsent text for each conversation, and one for a chat that is not stored yet. */
export interface DraftTable {
  get(conversationId: string | undefined): Draft;
  /** Deletes the row of an empty draft. */
  set(conversationId: string | undefined, draft: Draft): void;
  /** Deletes the drafts of deleted conversations. */
  purge(): void;
}

export function draftTable(database: Connection): DraftTable {
  const get = database.prepare('SELECT text, attachments FROM drafts WHERE conversation_id = ?');
  const set = database.prepare('INSERT OR REPLACE INTO drafts (conversation_id, text, attachments) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM drafts WHERE conversation_id = ?');
  const purge = database.prepare(
    "DELETE FROM drafts WHERE conversation_id <> '' AND conversation_id NOT IN (SELECT id FROM conversations)",
  );
  return {
    get(conversationId = '') {
      const row = get.get(conversationId);
      return { text: String(row?.['text'] ?? ''), attachments: toAttachments(row?.['attachments']) };
    },
    set(conversationId = '', { text, attachments }) {
      if (text === '' && attachments.length === 0) remove.run(conversationId);
      else set.run(conversationId, text, toJson(attachments));
    },
    purge: () => void purge.run(),
  };
}
