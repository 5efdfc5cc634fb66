/**
 * Conversations of llama.cpp's web UI, as its `conversation-transfer.service.ts` and `types/database.d.ts` have them
 * (ggml-org/llama.cpp, tools/ui): JSON Lines, a `session` record with the conversation and a `message` record for each of
 * its messages, in one file or a zip of them; and the JSON of earlier versions, `{ conv, messages }` or a list of them.
 */
import type { Attachment } from '../../../preload/contract.ts';
import { validOverrides } from '../../store/valid-settings.ts';
import { aside, placeholder, readable, toolText } from './asides.ts';
import type { ForeignNode, ReadChat } from './foreign-chat.ts';
import { LeftOutTally } from './left-out.ts';
import { thoughtOf } from './thoughts.ts';
import { field, type JsonObject, listOf, objectOf, textOf, timeOf } from './values.ts';

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
    nodes.push({ key, parentKey, ...readMessage(message, leftOut, prompts) });
  }
  const [prompt] = prompts;
  return {
    chat: {
      sourceId: idOf(field(conv, 'id')),
      title: textOf(field(conv, 'name')),
      updatedAt: timeOf(field(conv, 'lastModified'), 1),
      pinned: field(conv, 'pinned') === true,
      settings: validOverrides(prompt === undefined ? {} : { systemPrompt: prompt }),
      leafKey: idOf(field(conv, 'currNode')),
      nodes,
    },
    leftOut,
  };
}

/** Early versions had numeric ids, and −1 for none. */
function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') return value < 0 ? undefined : String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

type Read = Pick<ForeignNode, 'message' | 'asides'>;

function readMessage(message: unknown, leftOut: LeftOutTally, prompts: string[]): Read {
  const role = field(message, 'role');
  const text = textOf(field(message, 'content')) ?? '';
  if (field(message, 'type') === 'root') return {};
  if (role === 'system') {
    if (text.trim() === '') return {};
    prompts.push(text);
    // A chat has one system prompt.
    return prompts.length > 1 ? { asides: aside('instructions', text) } : {};
  }
  const createdAt = timeOf(field(message, 'timestamp'), 1);
  if (role === 'tool') {
    return {
      message: { role: 'assistant', text: '', attachments: aside('tools', toolText('Result', text)), createdAt },
    };
  }
  if (role !== 'user' && role !== 'assistant') return { asides: aside('other', readable(field(message, 'content'))) };
  const extras = readExtras(listOf(field(message, 'extra')), leftOut);
  const reasoning = ['reasoningContent', 'reasoning_content', 'thinking'].map(
    (name) => textOf(field(message, name)) ?? '',
  );
  const thought = role === 'assistant' ? thoughtOf(reasoning.find((text) => text !== '') ?? '') : undefined;
  const model = textOf(field(message, 'model')) ?? '';
  const attachments = [
    ...extras.attachments,
    ...aside('tools', callsIn(field(message, 'toolCalls'))),
    ...aside('details', [readable(model, 'Model'), readable(field(message, 'timings'))].filter(Boolean).join('\n')),
  ];
  const said = [...extras.placeholders, text].filter((part) => part.trim() !== '').join('\n');
  if (said === '' && attachments.length === 0 && thought === undefined) {
    leftOut.add('empty');
    return {};
  }
  return { message: { role, text: said, thought, attachments, createdAt } };
}

/** Calls are a list, or the JSON text of a list. */
function callsIn(calls: unknown): string {
  if (typeof calls !== 'string') return readable(calls);
  try {
    return readable(JSON.parse(calls));
  } catch {
    return calls;
  }
}

const kinds = {
  IMAGE: { kind: 'image', word: 'Image' },
  AUDIO: { kind: 'audio', word: 'Audio' },
  VIDEO: { kind: 'video', word: 'Video' },
} as const;

/** An extra with text becomes an attachment, another one a placeholder. */
function readExtras(
  extras: readonly unknown[],
  leftOut: LeftOutTally,
): { readonly attachments: readonly Attachment[]; readonly placeholders: readonly string[] } {
  const attachments: Attachment[] = [];
  const placeholders: string[] = [];
  for (const extra of extras) {
    const type = textOf(field(extra, 'type')) ?? '';
    const name = (textOf(field(extra, 'name')) ?? '').slice(0, maxAttachmentName).toWellFormed();
    const text = textOf(field(extra, 'content')) ?? '';
    const { kind, word } = Object.hasOwn(kinds, type)
      ? kinds[type as keyof typeof kinds]
      : ({ kind: 'file', word: 'File' } as const);
    if (text !== '' && kind === 'file') attachments.push({ name: name || 'Text', text });
    else {
      leftOut.add(kind, name);
      placeholders.push(placeholder(word, name));
    }
  }
  return { attachments, placeholders };
}
