/** The list of chats: renames, pins, copies, deletes and restores chats, and stores their own settings. */
import type {
  CallOutputs,
  ContextPolicy,
  Conversation,
  Emit,
  GenerationOverrides,
  SearchHit,
} from '../../preload/contract.ts';
import { conversationNotFound } from './chat.ts';
import type { Chat } from './chat.ts';
import { validOverrides } from '../store/valid-settings.ts';
import { duplicateConversation } from '../store/duplicate.ts';
import type { Store } from '../store/store.ts';

export class Conversations {
  readonly #store: Store;
  readonly #chat: Pick<Chat, 'open' | 'answering'>;
  readonly #emit: Emit;

  constructor(store: Store, chat: Pick<Chat, 'open' | 'answering'>, emit: Emit) {
    this.#store = store;
    this.#chat = chat;
    this.#emit = emit;
  }

  list(limit: number, after: Pick<Conversation, 'id' | 'updatedAt'> | undefined): CallOutputs['conversations.list'] {
    const { conversations } = this.#store;
    const page = conversations.list(limit, after);
    return { conversations: after ? page : [...conversations.pinned(), ...page], more: page.length === limit };
  }

  /** @throws AppFailure `conversation-not-found` */
  open(id: string): CallOutputs['conversations.open'] {
    const { conversations, drafts } = this.#store;
    return {
      ...this.#chat.open(id),
      settings: validOverrides(conversations.settings(id)),
      draft: drafts.get(id),
    };
  }

  create(id: string, settings: GenerationOverrides | undefined): Conversation {
    const { conversations, transaction } = this.#store;
    return transaction(() => {
      const conversation = conversations.create(id, Date.now());
      if (settings) conversations.configure(id, settings);
      return conversation;
    });
  }

  rename(id: string, title: string): Conversation {
    return this.#changed(required(this.#store.conversations.rename(id, title)));
  }

  pin(ids: readonly string[], pinned: boolean): void {
    const { conversations, transaction } = this.#store;
    const changed = transaction(() => ids.map((id) => conversations.pin(id, pinned)));
    for (const conversation of changed) if (conversation) this.#changed(conversation);
  }

  duplicate(id: string, copy: { readonly id: string; readonly title: string }): Conversation {
    const store = this.#store;
    required(store.conversations.get(id));
    const made = store.transaction(() => duplicateConversation(store, id, { ...copy, now: Date.now() }));
    return this.#changed(required(made));
  }

  delete(ids: readonly string[]): void {
    const { conversations, transaction } = this.#store;
    const now = Date.now();
    for (const id of ids) this.#chat.answering.stopIn(id);
    const deleted = transaction(() => ids.filter((id) => conversations.delete(id, now)));
    if (deleted.length === 0) throw conversationNotFound();
  }

  restore(ids: readonly string[]): readonly Conversation[] {
    const { conversations, transaction } = this.#store;
    return transaction(() => ids.flatMap((id) => conversations.restore(id) ?? []));
  }

  configure(id: string, settings: GenerationOverrides): void {
    if (!this.#store.conversations.configure(id, settings)) throw conversationNotFound();
  }

  setContextPolicy(id: string, policy: ContextPolicy): Conversation {
    return this.#changed(required(this.#store.conversations.setContextPolicy(id, policy)));
  }

  search(text: string, limit: number): readonly SearchHit[] {
    return this.#store.search(text, limit);
  }

  #changed(conversation: Conversation): Conversation {
    this.#emit('conversations.changed', { conversation });
    return conversation;
  }
}

function required(conversation: Conversation | undefined): Conversation {
  if (!conversation) throw conversationNotFound();
  return conversation;
}
