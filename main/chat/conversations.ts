/** The list of chats: renames, pins, copies, deletes and restores chats, stores their own settings, and holds the temporary one. */
import type {
  CallOutputs,
  ContextPolicy,
  Conversation,
  Draft,
  Emit,
  GenerationOverrides,
  SearchHit,
} from '../../preload/contract.ts';
import type { ChatStores } from './chat-stores.ts';
import { conversationNotFound } from './chat.ts';
import type { Chat } from './chat.ts';
import { validOverrides } from '../store/valid-settings.ts';
import { duplicateConversation } from '../store/duplicate.ts';
import type { Store } from '../store/store.ts';

export class Conversations {
  readonly #store: Store;
  readonly #chats: ChatStores;
  readonly #chat: Pick<Chat, 'open' | 'answering'>;
  readonly #emit: Emit;

  constructor(store: Store, chats: ChatStores, chat: Pick<Chat, 'open' | 'answering'>, emit: Emit) {
    this.#store = store;
    this.#chats = chats;
    this.#chat = chat;
    this.#emit = emit;
  }

  list(limit: number, after: Pick<Conversation, 'id' | 'updatedAt'> | undefined): CallOutputs['conversations.list'] {
    const { conversations } = this.#store;
    const page = conversations.list(limit, after);
    const more = page.length === limit;
    if (after) return { conversations: page, more };
    const temporary = this.#chats.open;
    return { conversations: [...conversations.pinned(), ...page], more, ...(temporary && { temporary }) };
  }

  /** @throws AppFailure `conversation-not-found` */
  open(id: string): CallOutputs['conversations.open'] {
    const { conversations, drafts } = this.#chats.of(id);
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
    for (const id of ids) void this.#chat.answering.stopIn(id);
    const deleted = transaction(() => ids.filter((id) => conversations.delete(id, now)));
    if (deleted.length === 0) throw conversationNotFound();
  }

  restore(ids: readonly string[]): readonly Conversation[] {
    const { conversations, transaction } = this.#store;
    return transaction(() => ids.flatMap((id) => conversations.restore(id) ?? []));
  }

  configure(id: string, settings: GenerationOverrides): void {
    if (!this.#chats.of(id).conversations.configure(id, settings)) throw conversationNotFound();
  }

  setContextPolicy(id: string, policy: ContextPolicy): Conversation {
    return this.#changed(required(this.#chats.of(id).conversations.setContextPolicy(id, policy)));
  }

  /** Starts a chat that lives in memory alone. */
  beginTemporary(id: string, settings: GenerationOverrides | undefined): Conversation {
    return this.#chats.begin(id, settings);
  }

  /** Moves a temporary chat into the store, also during an answer. @throws AppFailure `conversation-not-found` */
  keepTemporary(id: string): Conversation {
    this.#chat.answering.save();
    return this.#changed(required(this.#chats.keep(id)));
  }

  /** Forgets a temporary chat, after its running answer has stopped. */
  async endTemporary(id: string): Promise<void> {
    this.#chats.leave(id);
    await this.#chat.answering.stopIn(id);
    this.#chats.forget(id);
  }

  draft(id: string | undefined): Draft {
    return (id === undefined ? this.#store : this.#chats.of(id)).drafts.get(id);
  }

  /**
   * Stores unsent text. The draft of a temporary chat may arrive after its end, and must not reach the store.
   * @throws AppFailure `conversation-not-found`
   */
  setDraft(id: string | undefined, draft: Draft): void {
    const { conversations, drafts } = id === undefined ? this.#store : this.#chats.of(id);
    if (id !== undefined && !conversations.isTaken(id)) throw conversationNotFound();
    drafts.set(id, draft);
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
