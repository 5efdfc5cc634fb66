/** Copies of chats: within the store, and from memory into it. */
import { randomUUID } from 'node:crypto';
import type { Conversation } from '../../preload/contract.ts';
import type { ChatTables } from './memory-tables.ts';

/**
 * Copies a conversation with all versions of its messages, its shown path and its settings. Call it in a transaction. The
 * copy of a running answer is interrupted.
 */
export function duplicateConversation(
  store: ChatTables,
  source: string,
  copy: { readonly id: string; readonly title: string; readonly now: number },
): Conversation | undefined {
  const { conversations, messages, tree } = store;
  conversations.create(copy.id, copy.now);
  conversations.rename(copy.id, copy.title);
  copySettings(store, store, source, copy.id);
  const copies = new Map<string, string>();
  for (const { message, active } of messages.all(source)) {
    const id = randomUUID();
    copies.set(message.id, id);
    const { parentId, ...rest } = message;
    const parent = parentId === undefined ? undefined : copies.get(parentId);
    const state = message.state === 'streaming' ? 'interrupted' : message.state;
    messages.insert(copy.id, { ...rest, id, state, ...(parent === undefined ? {} : { parentId: parent }) }, active);
  }
  const leaf = copies.get(tree.path(source).at(-1)?.id ?? '');
  if (leaf !== undefined) tree.show(leaf);
  return conversations.get(copy.id);
}

/**
 * Copies a conversation into other tables under the same ids, with the times of its answers and its draft. Call it in a
 * transaction of `to`. A running answer stays running.
 */
export function transferConversation(from: ChatTables, to: ChatTables, id: string): Conversation | undefined {
  const conversation = from.conversations.get(id);
  if (!conversation) return undefined;
  to.conversations.create(id, conversation.createdAt);
  to.conversations.suggestTitle(id, conversation.title);
  to.conversations.touch(id, conversation.updatedAt);
  copySettings(from, to, id, id);
  for (const { message, active } of from.messages.all(id)) {
    to.messages.insert(id, message, active);
    const run = from.runs.get(message.id);
    if (run) to.runs.put(run);
  }
  const leaf = from.tree.path(id).at(-1);
  if (leaf) to.tree.show(leaf.id);
  to.drafts.set(id, from.drafts.get(id));
  return to.conversations.get(id);
}

function copySettings(from: ChatTables, to: ChatTables, source: string, target: string): void {
  to.conversations.configure(target, from.conversations.settings(source));
  const policy = from.conversations.get(source)?.contextPolicy;
  if (policy) to.conversations.setContextPolicy(target, policy);
}
