/**
 * Conversations as ChatGPT exports them: `conversations.json`, or several such files, in a zip with others. Each is a tree:
 * `mapping` from id to `{ message, parent, children }`, and `current_node` is the end of the path that ChatGPT shows.
 * OpenAI documents no schema. The fields are known from programs that read them (mitkury/chatgpt-export-parser,
 * TomzxCode/llm-conversations-viewer, josephjohncox/chatgpt-json-to-md).
 */
import { CanvasDocuments } from './chatgpt-canvas.ts';
import { msPerSecond, readMessage } from './chatgpt-message.ts';
import type { ForeignNode, ReadChat } from './foreign-chat.ts';
import { LeftOutTally } from './left-out.ts';
import { field, type JsonObject, listOf, objectOf, textOf, timeOf } from './values.ts';

export function isChatGpt(value: JsonObject): boolean {
  return objectOf(field(value, 'mapping')) !== undefined;
}

export function readChatGpt(value: JsonObject): ReadChat {
  const leftOut = new LeftOutTally();
  const mapping = new Map(Object.entries(objectOf(field(value, 'mapping')) ?? {}));
  const documents = new CanvasDocuments(mapping);
  const nodes = inOrderOfVersions(mapping).map((key): ForeignNode => {
    const node = mapping.get(key);
    const parentKey = textOf(field(node, 'parent'));
    return { key, parentKey, ...readMessage(key, field(node, 'message'), documents, leftOut) };
  });
  return {
    chat: {
      sourceId: textOf(field(value, 'conversation_id')) ?? textOf(field(value, 'id')),
      title: textOf(field(value, 'title')),
      createdAt: timeOf(field(value, 'create_time'), msPerSecond),
      updatedAt: timeOf(field(value, 'update_time'), msPerSecond),
      pinned: field(value, 'is_starred') === true,
      settings: {},
      leafKey: textOf(field(value, 'current_node')),
      nodes,
    },
    leftOut,
  };
}

/** Versions in the order of `children`; nodes that are in no such list in the order of the file. */
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
