/** Converts rows of `messages` to messages of the contract. */
import type { AnswerFigures, AppError, Attachment, Message, MessageState, Thought } from '../../preload/contract.ts';

export type Row = Record<string, unknown>;

export const messageStates = [
  'streaming',
  'complete',
  'stopped',
  'failed',
  'interrupted',
] as const satisfies readonly MessageState[];

/** A longer column is damaged and is not read into memory. */
const maxTextBytes = 16_000_000;
const maxDetailBytes = 1_000_000;
const maxAttachmentBytes = 200_000_000;
const bounded = (column: string, bytes: number): string =>
  `CASE WHEN octet_length(messages.${column}) <= ${bytes} THEN messages.${column} END AS ${column}`;

/** A damaged integer may exceed JavaScript's range. As a real it is still a number. */
export const safeInteger = (column: string, name = column): string => `CAST(${column} AS REAL) AS ${name}`;

/** The columns that {@link toMessage} reads. */
export const messageColumns = `messages.id, messages.conversation_id, messages.parent_id, messages.role, messages.state,
  ${safeInteger('messages.created_at', 'created_at')}, ${safeInteger('messages.active', 'active')}, ${bounded('text', maxTextBytes)},
  ${bounded('thought', maxTextBytes)}, ${safeInteger('messages.thought_tokens', 'thought_tokens')},
  ${safeInteger('messages.thought_ms', 'thought_ms')},
  ${bounded('figures', maxDetailBytes)}, ${bounded('error', maxDetailBytes)}, ${bounded('attachments', maxAttachmentBytes)}`;

export const messageDamaged: AppError = {
  code: 'message-damaged',
  message: 'The chat file is damaged here, so only this part of the message can be read.',
  hint: 'Restore a backup in Settings to look for the rest.',
};

/** A damaged value hides one detail or one message, never a conversation. Undefined for a row without an id. */
export function toMessage(row: Row): Message | undefined {
  const { id, role, text, state, parent_id: parentId } = row;
  if (typeof id !== 'string') return undefined;
  const createdAt = typeof row['created_at'] === 'number' ? row['created_at'] : 0;
  const place = { id, createdAt, ...(typeof parentId === 'string' ? { parentId } : {}) };
  const isWhole = typeof text === 'string' && messageStates.some((one) => one === state);
  if (!isWhole || (role !== 'user' && role !== 'assistant')) {
    const readable = typeof text === 'string' ? text : '';
    const spoken = role === 'user' ? role : 'assistant';
    return { ...place, role: spoken, text: readable, state: 'failed', error: messageDamaged };
  }
  const figures = parse(row['figures']) as AnswerFigures | undefined;
  const error = parse(row['error']) as AppError | undefined;
  const attachments = toAttachments(row['attachments']);
  const thought = toThought(row);
  return {
    ...place,
    role,
    text,
    ...(thought ? { thought } : {}),
    state: state as MessageState,
    ...(attachments.length > 0 ? { attachments } : {}),
    ...(figures ? { figures } : {}),
    ...(error ? { error } : {}),
  };
}

function toThought({ thought: text, thought_tokens: tokens, thought_ms: ms }: Row): Thought | undefined {
  if (typeof text !== 'string') return undefined;
  return { text, ...(typeof tokens === 'number' ? { tokens } : {}), ...(typeof ms === 'number' ? { ms } : {}) };
}

/** The columns of a thought: text, tokens, time. */
export function thoughtColumns(thought: Thought | undefined): readonly (string | number | null)[] {
  return [thought?.text ?? null, thought?.tokens ?? null, thought?.ms ?? null];
}

export function toAttachments(json: unknown): readonly Attachment[] {
  const list: unknown = parse(json);
  if (!Array.isArray(list)) return [];
  return list.filter((item: unknown): item is Attachment => {
    const { name, text } = (item ?? {}) as Partial<Record<keyof Attachment, unknown>>;
    return typeof name === 'string' && typeof text === 'string';
  });
}

/** A stored object; undefined for any other value. */
export function parse(json: unknown): object | undefined {
  if (typeof json !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export function toJson(value: object | undefined): string | null {
  return value === undefined || (Array.isArray(value) && value.length === 0) ? null : JSON.stringify(value);
}
