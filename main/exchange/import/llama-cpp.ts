/**
 * Conversations of llama.cpp's web UI, as its `conversation-transfer.service.ts` and `types/database.d.ts` have them
 * (ggml-org/llama.cpp, tools/ui): JSON Lines, a `session` record with the conversation and a `message` record for each of
 * its messages, one file or a zip of such; and the JSON of earlier versions, `{ conv, messages }` or a list of them.
 */
import type { FileMessage } from '../chat-file.ts';
import { validOverrides } from '../../store/valid-settings.ts';
import type { ForeignMessage, ForeignNode, ReadChat } from './foreign-chat.ts';
import { LeftOutTally } from './left-out.ts';
import { field, type JsonObject, listOf, objectOf, textOf, timeOf } from './values.ts';

const maxAttachments = 20;
const maxAttachmentName = 300;

export function isLlamaCpp(value: JsonObject): boolean {
  return objectOf(field(value, 'conv')) !== undefined && Array.isArray(field(value, 'messages'));
}

/** The conversation that a `session` record of JSON Lines begins. */
export function sessionOf(value: JsonObject): JsonObject | undefined {
  return field(value, 'type') === 'session' && idOf(field(value, 'id')) !== undefined ? value : undefined;
}

/** The message of a `message` record. */
export function messageOf(value: JsonObject): JsonObject | undefined {
  return field(value, 'type') === 'message' ? objectOf(field(value, 'message')) : undefined;
}

export function readLlamaCpp(conv: unknown, messages: readonly unknown[]): ReadChat {
  const leftOut = new LeftOutTally();
  const prompts: string[] = [];
  const isTree = messages.some((message) => idOf(field(message, 'parent')) !== undefined);
  const nodes: ForeignNode[] = [];
  for (const [index, message] of messages.entries()) {
    const key = idOf(field(message, 'id')) ?? `at ${index}`;
    const parentKey = isTree ? idOf(field(message, 'parent')) : nodes.at(-1)?.key;
    nodes.push({ key, parentKey, message: readMessage(message, leftOut, prompts) });
  }
  const [prompt, ...others] = prompts;
  leftOut.add('instructions', others.length);
  return {
    chat: {
      sourceId: idOf(field(conv, 'id')),
      title: textOf(field(conv, 'name')),
      updatedAt: timeOf(field(conv, 'lastModified'), 1),
      settings: validOverrides(prompt === undefined ? {} : { systemPrompt: prompt }),
      leafKey: idOf(field(conv, 'currNode')),
      nodes,
    },
    leftOut,
  };
}

/** Ids were numbers once, and −1 was none. */
function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') return value < 0 ? undefined : String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readMessage(message: unknown, leftOut: LeftOutTally, prompts: string[]): ForeignMessage | undefined {
  const role = field(message, 'role');
  const text = textOf(field(message, 'content')) ?? '';
  if (field(message, 'type') === 'root') return undefined;
  if (role === 'system') {
    if (text.trim() !== '') prompts.push(text);
    return undefined;
  }
  if (role === 'tool') {
    leftOut.add('tool');
    return undefined;
  }
  if (role !== 'user' && role !== 'assistant') {
    leftOut.add('unsupported');
    return undefined;
  }
  const before = leftOut.total;
  const attachments = readExtras(listOf(field(message, 'extra')), leftOut);
  leftOut.add('tool', callsIn(field(message, 'toolCalls')));
  if (['reasoningContent', 'thinking'].some((name) => textOf(field(message, name))?.trim())) leftOut.add('reasoning');
  if (objectOf(field(message, 'timings')) !== undefined) leftOut.add('figures');
  const isEmpty = text.trim() === '' && attachments.length === 0;
  if (isEmpty && (role === 'assistant' || leftOut.total === before)) {
    if (leftOut.total === before) leftOut.add('empty');
    return undefined;
  }
  return { role, text, attachments, createdAt: timeOf(field(message, 'timestamp'), 1) };
}

/** Calls are kept as a list, or as the JSON of one. */
function callsIn(calls: unknown): number {
  if (Array.isArray(calls)) return calls.length;
  return typeof calls === 'string' && calls.trim() !== '' && calls.trim() !== '[]' ? 1 : 0;
}

const kinds = { IMAGE: 'image', AUDIO: 'audio', VIDEO: 'video' } as const;

/** What has text is attached as that. */
function readExtras(extras: readonly unknown[], leftOut: LeftOutTally): NonNullable<FileMessage['attachments']> {
  const texts = extras.flatMap((extra) => {
    const kind = textOf(field(extra, 'type')) ?? '';
    if (Object.hasOwn(kinds, kind)) {
      leftOut.add(kinds[kind as keyof typeof kinds]);
      return [];
    }
    const text = textOf(field(extra, 'content')) ?? '';
    if (text === '') {
      leftOut.add('file');
      return [];
    }
    return [{ name: (textOf(field(extra, 'name')) ?? '').slice(0, maxAttachmentName).toWellFormed() || 'Text', text }];
  });
  leftOut.add('file', texts.length - maxAttachments);
  return texts.slice(0, maxAttachments);
}
