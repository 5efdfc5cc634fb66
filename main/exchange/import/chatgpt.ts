/**
 * Conversations as ChatGPT exports them: `conversations.json`, or several such files, in a zip with others. Each is a tree:
 * `mapping` from id to `{ message, parent, children }`, and `current_node` is the end of what is shown. OpenAI documents no
 * schema; what is read here is known from programs that read it (mitkury/chatgpt-export-parser,
 * TomzxCode/llm-conversations-viewer, josephjohncox/chatgpt-json-to-md).
 */
import type { LeftOut } from '../../../preload/contract.ts';
import type { ForeignMessage, ForeignNode, ReadChat } from './foreign-chat.ts';
import { LeftOutTally } from './left-out.ts';
import { field, type JsonObject, listOf, objectOf, textOf, timeOf } from './values.ts';

const msPerSecond = 1000;

export function isChatGpt(value: JsonObject): boolean {
  return objectOf(field(value, 'mapping')) !== undefined;
}

export function readChatGpt(value: JsonObject): ReadChat {
  const leftOut = new LeftOutTally();
  const mapping = new Map(Object.entries(objectOf(field(value, 'mapping')) ?? {}));
  const nodes = inOrderOfVersions(mapping).map((key): ForeignNode => {
    const node = mapping.get(key);
    const message = readMessage(field(node, 'message'), leftOut);
    return { key, parentKey: textOf(field(node, 'parent')), message };
  });
  return {
    chat: {
      sourceId: textOf(field(value, 'conversation_id')) ?? textOf(field(value, 'id')),
      title: textOf(field(value, 'title')),
      createdAt: timeOf(field(value, 'create_time'), msPerSecond),
      updatedAt: timeOf(field(value, 'update_time'), msPerSecond),
      settings: {},
      leafKey: textOf(field(value, 'current_node')),
      nodes,
    },
    leftOut,
  };
}

/** Versions as `children` has them; what is no one's child in the order of the file. */
function inOrderOfVersions(mapping: ReadonlyMap<string, unknown>): readonly string[] {
  const childrenOf = (key: string): readonly string[] =>
    listOf(field(mapping.get(key), 'children')).filter((child) => typeof child === 'string');
  const keys = [...mapping.keys()];
  const children = new Set(keys.flatMap(childrenOf));
  const order = new Set<string>();
  for (const key of keys) {
    if (!children.has(key)) order.add(key);
    for (const child of childrenOf(key)) if (mapping.has(child)) order.add(child);
  }
  return [...order];
}

function readMessage(message: unknown, leftOut: LeftOutTally): ForeignMessage | undefined {
  if (objectOf(message) === undefined) return undefined;
  const role = field(field(message, 'author'), 'role');
  const content = field(message, 'content');
  const kind = textOf(field(content, 'content_type')) ?? '';
  const why = whyLeftOut(message, role, kind);
  if (why !== undefined || (role !== 'user' && role !== 'assistant')) {
    // ChatGPT's own instructions are hidden, and mostly empty in the file.
    const isEmpty = why === 'instructions' && readParts(content, new LeftOutTally()) === '';
    if (!isEmpty || field(content, 'user_profile') !== undefined) leftOut.add(why ?? 'unsupported');
    return undefined;
  }
  const before = leftOut.total;
  for (const file of listOf(field(field(message, 'metadata'), 'attachments'))) {
    // Pictures stand in the content too.
    const isPicture = textOf(field(file, 'mime_type') ?? field(file, 'mimeType'))?.startsWith('image/') === true;
    if (!isPicture || kind === 'text') leftOut.add(isPicture ? 'image' : 'file');
  }
  const text = textOfContent(kind, content, leftOut);
  const hadMore = leftOut.total > before;
  if (text.trim() === '' && (role === 'assistant' || !hadMore)) {
    if (!hadMore) leftOut.add('empty');
    return undefined;
  }
  return { role, text, createdAt: timeOf(field(message, 'create_time'), msPerSecond), state: stateOf(message) };
}

/** What a message is that is no part of what was said; undefined: it is one. */
function whyLeftOut(message: unknown, role: unknown, kind: string): LeftOut | undefined {
  if (role === 'system' || kind === 'user_editable_context' || kind === 'model_editable_context') return 'instructions';
  if (role === 'tool') return 'tool';
  if (kind === 'thoughts' || kind === 'reasoning_recap') return 'reasoning';
  const recipient = textOf(field(message, 'recipient')) ?? 'all';
  if (role === 'assistant' && recipient !== 'all') return 'tool';
  const isHidden = field(field(message, 'metadata'), 'is_visually_hidden_from_conversation') === true;
  return isHidden ? 'instructions' : undefined;
}

function textOfContent(kind: string, content: unknown, leftOut: LeftOutTally): string {
  if (kind === 'text' || kind === 'multimodal_text') return withoutCitations(readParts(content, leftOut), leftOut);
  if (kind === 'code') {
    const language = textOf(field(content, 'language')) ?? '';
    return fenced(/^[a-z0-9+#-]{1,30}$/i.test(language) && language !== 'unknown' ? language : '', content);
  }
  leftOut.add('unsupported');
  return '';
}

function fenced(language: string, content: unknown): string {
  const text = textOf(field(content, 'text')) ?? '';
  if (text.trim() === '') return '';
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function readParts(content: unknown, leftOut: LeftOutTally): string {
  const texts = listOf(field(content, 'parts')).flatMap((part) => {
    if (typeof part === 'string') return part;
    const kind = textOf(field(part, 'content_type')) ?? '';
    if (kind === 'audio_transcription') return textOf(field(part, 'text')) ?? [];
    if (kind === 'image_asset_pointer') leftOut.add('image');
    else if (kind.includes('video')) leftOut.add('video');
    else if (kind.includes('audio')) leftOut.add('audio');
    else if (objectOf(part) !== undefined) leftOut.add('unsupported');
    return [];
  });
  return texts.filter((text) => text !== '').join('\n');
}

/** Marks of sources, in characters that no font has: what they point to is not in the file. */
function withoutCitations(text: string, leftOut: LeftOutTally): string {
  if (!text.includes('\ue200')) return text;
  return text.replaceAll(/\ue200[^\ue200\ue201]{0,1000}\ue201/g, () => {
    leftOut.add('citation');
    return '';
  });
}

function stateOf(message: unknown): ForeignMessage['state'] {
  if (field(message, 'status') === 'in_progress') return 'interrupted';
  const ending = field(field(field(message, 'metadata'), 'finish_details'), 'type');
  return ending === 'interrupted' ? 'stopped' : 'complete';
}
