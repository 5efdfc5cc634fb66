/** A row of `messages` as the contract has it. */
import type { AnswerFigures, AppError, Attachment, Message, MessageState } from '../../preload/contract.ts';

export type Row = Record<string, unknown>;

const states: ReadonlySet<unknown> = new Set(['streaming', 'complete', 'stopped', 'failed', 'interrupted']);

/** One bad record hides one detail or one message, never a conversation. */
export function toMessage(row: Row): Message | undefined {
  const { id, role, text, state, parent_id: parentId } = row;
  if (typeof id !== 'string' || typeof text !== 'string' || !states.has(state)) return undefined;
  if (role !== 'user' && role !== 'assistant') return undefined;
  const figures = parse(row['figures']) as AnswerFigures | undefined;
  const error = parse(row['error']) as AppError | undefined;
  const attachments = toAttachments(row['attachments']);
  return {
    id,
    role,
    text,
    state: state as MessageState,
    createdAt: Number(row['created_at']),
    ...(typeof parentId === 'string' ? { parentId } : {}),
    ...(attachments.length > 0 ? { attachments } : {}),
    ...(figures ? { figures } : {}),
    ...(error ? { error } : {}),
  };
}

export function toAttachments(json: unknown): readonly Attachment[] {
  const list: unknown = parse(json);
  if (!Array.isArray(list)) return [];
  return list.filter((item: unknown): item is Attachment => {
    const { name, text } = (item ?? {}) as Partial<Record<keyof Attachment, unknown>>;
    return typeof name === 'string' && typeof text === 'string';
  });
}

/** A stored object; undefined for what is none. */
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
