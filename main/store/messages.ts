import type { DatabaseSync } from 'node:sqlite';
import type { AnswerFigures, AppError, Message, MessageState } from '../../preload/contract.ts';

/** How an answer ended, or stands. */
export interface AnswerOutcome {
  readonly text: string;
  readonly state: MessageState;
  readonly figures?: AnswerFigures;
  readonly error?: AppError;
}

/** Rows of `messages`, in the order of their conversation. */
export interface MessageTable {
  of(conversationId: string): readonly Message[];
  get(id: string): Message | undefined;
  /** Appends at the end of the conversation. */
  append(conversationId: string, message: Message): void;
  /** Saves what there is of a streaming answer. */
  saveText(id: string, text: string): void;
  finish(id: string, outcome: AnswerOutcome): void;
  delete(id: string): void;
  /** Answers that were streaming when the app ended: they get `error` and the state `interrupted`. */
  interruptStreaming(error: AppError): number;
}

type Row = Record<string, unknown>;
const states: ReadonlySet<unknown> = new Set(['streaming', 'complete', 'stopped', 'failed', 'interrupted']);

/** One bad record hides one detail or one message, never a conversation. */
function toMessage(row: Row): Message | undefined {
  const { id, role, text, state } = row;
  if (typeof id !== 'string' || typeof text !== 'string' || !states.has(state)) return undefined;
  if (role !== 'user' && role !== 'assistant') return undefined;
  const figures = parse(row['figures']) as AnswerFigures | undefined;
  const error = parse(row['error']) as AppError | undefined;
  return {
    id,
    role,
    text,
    state: state as MessageState,
    createdAt: Number(row['created_at']),
    ...(figures ? { figures } : {}),
    ...(error ? { error } : {}),
  };
}

function parse(json: unknown): object | undefined {
  if (typeof json !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const toJson = (value: object | undefined): string | null => (value ? JSON.stringify(value) : null);

export function messageTable(database: DatabaseSync): MessageTable {
  const list = database.prepare('SELECT * FROM messages WHERE conversation_id = ? ORDER BY position');
  const get = database.prepare('SELECT * FROM messages WHERE id = ?');
  const append = database.prepare(`
    INSERT INTO messages (id, conversation_id, position, role, text, state, created_at, figures, error)
    VALUES (?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM messages WHERE conversation_id = ?2), ?3, ?4, ?5, ?6, ?7, ?8)
  `);
  const saveText = database.prepare("UPDATE messages SET text = ? WHERE id = ? AND state = 'streaming'");
  const finish = database.prepare('UPDATE messages SET text = ?, state = ?, figures = ?, error = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM messages WHERE id = ?');
  const interrupt = database.prepare("UPDATE messages SET state = 'interrupted', error = ? WHERE state = 'streaming'");

  return {
    of: (conversationId) =>
      list
        .all(conversationId)
        .map(toMessage)
        .filter((message) => message !== undefined),
    get(id) {
      const row = get.get(id);
      return row && toMessage(row);
    },
    append(conversationId, { id, role, text, state, createdAt, figures, error }) {
      append.run(id, conversationId, role, text, state, createdAt, toJson(figures), toJson(error));
    },
    saveText: (id, text) => void saveText.run(text, id),
    finish: (id, { text, state, figures, error }) => void finish.run(text, state, toJson(figures), toJson(error), id),
    delete: (id) => void remove.run(id),
    interruptStreaming: (error) => Number(interrupt.run(toJson(error)).changes),
  };
}
