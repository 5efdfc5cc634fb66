import type { Connection } from './connection.ts';
import type { AnswerFigures, AppError, Message, MessageState, Thought } from '../../preload/contract.ts';
import { messageColumns, thoughtColumns, toJson, toMessage } from './message-row.ts';

/** The state of an answer. */
export interface AnswerOutcome {
  readonly text: string;
  readonly thought?: Thought;
  readonly state: MessageState;
  readonly figures?: AnswerFigures;
  readonly error?: AppError;
}

/** A message as export and duplication read it, with all versions. */
interface StoredMessage {
  readonly message: Message;
  /** Whether this version is shown. */
  readonly active: boolean;
}

/** Rows of `messages`. {@link MessageTree} decides which of them form a conversation. */
export interface MessageTable {
  get(id: string): Message | undefined;
  /** All messages that are not deleted, in order of creation. */
  all(conversationId: string): readonly StoredMessage[];
  /** Whether the id is in use, also by a deleted message. */
  isTaken(id: string): boolean;
  /** Adds a message below `message.parentId`, or as a beginning. */
  insert(conversationId: string, message: Message, active: boolean): void;
  /** Saves the part of a streaming answer that has arrived. */
  saveText(id: string, text: string, thought: Thought | undefined): void;
  finish(id: string, outcome: AnswerOutcome): void;
  /** Continues an answer that had ended. */
  resume(id: string): void;
  /** Deletes an answer that never began and has nothing below it. Cannot be undone. */
  remove(id: string): void;
  /** Marks answers that were streaming when the app ended as `interrupted`, with `error`. */
  interruptStreaming(error: AppError): number;
  /** Cannot be undone. */
  purgeDeleted(): void;
}

export function messageTable(database: Connection): MessageTable {
  const get = database.prepare(`SELECT ${messageColumns} FROM messages WHERE id = ? AND deleted_at IS NULL`);
  const all = database.prepare(
    `SELECT ${messageColumns} FROM messages WHERE conversation_id = ? AND deleted_at IS NULL ORDER BY position`,
  );
  const taken = database.prepare('SELECT 1 FROM messages WHERE id = ?');
  const insert = database.prepare(`
    INSERT INTO messages
      (id, conversation_id, position, parent_id, depth, active, role, text, state, created_at, figures, error, attachments,
        thought, thought_tokens, thought_ms)
    VALUES (?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM messages WHERE conversation_id = ?2), ?3,
      coalesce((SELECT depth + 1 FROM messages WHERE id = ?3), 0), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
  `);
  const ofThought = 'thought = ?, thought_tokens = ?, thought_ms = ?';
  const saveText = database.prepare(`UPDATE messages SET text = ?, ${ofThought} WHERE id = ? AND state = 'streaming'`);
  const finish = database.prepare(
    `UPDATE messages SET text = ?, ${ofThought}, state = ?, figures = ?, error = ? WHERE id = ?`,
  );
  const resume = database.prepare("UPDATE messages SET state = 'streaming', error = NULL WHERE id = ?");
  const remove = database.prepare('DELETE FROM messages WHERE id = ?');
  const interrupt = database.prepare("UPDATE messages SET state = 'interrupted', error = ? WHERE state = 'streaming'");
  const purge = database.prepare('DELETE FROM messages WHERE deleted_at IS NOT NULL');

  return {
    get(id) {
      const row = get.get(id);
      return row && toMessage(row);
    },
    all: (conversationId) =>
      all.all(conversationId).flatMap((row) => {
        const message = toMessage(row);
        return message ? [{ message, active: row['active'] === 1 }] : [];
      }),
    isTaken: (id) => taken.get(id) !== undefined,
    insert(
      conversationId,
      { id, parentId, role, text, thought, state, createdAt, figures, error, attachments },
      active,
    ) {
      const parts = [toJson(figures), toJson(error), toJson(attachments), ...thoughtColumns(thought)];
      insert.run(id, conversationId, parentId ?? null, active ? 1 : 0, role, text, state, createdAt, ...parts);
    },
    saveText: (id, text, thought) => void saveText.run(text, ...thoughtColumns(thought), id),
    finish: (id, { text, thought, state, figures, error }) =>
      void finish.run(text, ...thoughtColumns(thought), state, toJson(figures), toJson(error), id),
    resume: (id) => void resume.run(id),
    remove: (id) => void remove.run(id),
    interruptStreaming: (error) => Number(interrupt.run(toJson(error)).changes),
    purgeDeleted: () => void purge.run(),
  };
}
