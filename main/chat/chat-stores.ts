/**
 * Where each chat lives: in the store, or in memory if it is temporary. Nothing of a temporary chat reaches the store unless
 * the person keeps it.
 */
import type { Conversation, GenerationOverrides } from '../../preload/contract.ts';
import { transferConversation } from '../store/duplicate.ts';
import { type ChatTables, type MemoryTables, openMemoryTables } from '../store/memory-tables.ts';
import type { Store } from '../store/store.ts';

export class ChatStores {
  readonly #store: Store;
  /** By id. Older ones are still here while their last answer stops. */
  readonly #temporary = new Map<string, MemoryTables>();
  /** The one that the window shows. */
  #open: string | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The tables of a chat. An unknown id belongs to the store, which has no such chat. */
  of(conversationId: string): ChatTables {
    return this.#temporary.get(conversationId) ?? this.#store;
  }

  /** The tables with this message. */
  ofMessage(messageId: string): ChatTables {
    const isHere = (tables: MemoryTables): boolean => tables.messages.isTaken(messageId);
    return [...this.#temporary.values()].find(isHere) ?? this.#store;
  }

  isTemporary(conversationId: string): boolean {
    return this.#temporary.has(conversationId);
  }

  /** The temporary chat that the window shows. */
  get open(): Conversation | undefined {
    return this.#open === undefined ? undefined : this.#temporary.get(this.#open)?.conversations.get(this.#open);
  }

  /** Whether the end of the app loses messages. */
  get hasUnkept(): boolean {
    const id = this.#open;
    return id !== undefined && (this.#temporary.get(id)?.messages.all(id).length ?? 0) > 0;
  }

  /** Makes a temporary chat with the settings that a new chat would have. */
  begin(id: string, settings: GenerationOverrides | undefined): Conversation {
    const tables = openMemoryTables();
    const conversation = tables.conversations.create(id, Date.now());
    if (settings) tables.conversations.configure(id, settings);
    this.#temporary.set(id, tables);
    this.#open = id;
    return conversation;
  }

  /** Moves a temporary chat into the store; undefined if there is no such chat. If it throws, the chat stays temporary. */
  keep(id: string): Conversation | undefined {
    const tables = this.#temporary.get(id);
    if (!tables) return undefined;
    const kept = this.#store.transaction(() => transferConversation(tables, this.#store, id));
    this.#drop(id);
    return kept;
  }

  /** The window left the chat. Its tables stay until {@link forget}, for the answer that stops. */
  leave(id: string): void {
    if (this.#open === id) this.#open = undefined;
  }

  forget(id: string): void {
    this.#drop(id);
  }

  #drop(id: string): void {
    this.leave(id);
    this.#temporary.get(id)?.close();
    this.#temporary.delete(id);
  }
}
