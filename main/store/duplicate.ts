import { randomUUID } from 'node:crypto';
import type { Conversation } from '../../preload/contract.ts';
import type { Store } from './store.ts';

/**
 * Copies a conversation with all versions of its messages, its shown path and its settings. Call it in a transaction. The
 * copy of a running answer is interrupted.
 */
export function duplicateConversation(
  store: Pick<Store, 'conversations' | 'messages' | 'tree'>,
  source: string,
  copy: { readonly id: string; readonly title: string; readonly now: number },
): Conversation | undefined {
  const { conversations, messages, tree } = store;
  conversations.create(copy.id, copy.now);
  conversations.rename(copy.id, copy.title);
  conversations.configure(copy.id, conversations.settings(source));
  const policy = conversations.get(source)?.contextPolicy;
  if (policy) conversations.setContextPolicy(copy.id, policy);

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
