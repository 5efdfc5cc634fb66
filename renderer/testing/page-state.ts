/** The window's state without its elements, as a simulation drives it. `page.ts` implements it. */
import type { Conversation, Draft, Message, ModelState } from '../../preload/contract.ts';

export interface ShownThread {
  readonly status: 'opening' | 'open' | 'failed';
  readonly messages: readonly Message[];
  /** Number of older messages that are not read. */
  readonly earlier: number;
}

export interface Shown {
  /** The open chat; absent: a new one. */
  readonly activeId: string | undefined;
  readonly threads: Readonly<Record<string, ShownThread>>;
  readonly running:
    { readonly conversationId: string; readonly answerId: string; readonly stopping: boolean } | undefined;
  readonly list: readonly Conversation[] | undefined;
  readonly drafts: Readonly<Record<string, Draft>>;
  readonly model: ModelState;
}

/** A person's actions end when the window has finished them. */
export interface PageState {
  readonly start: () => void;
  readonly shown: () => Shown;
  /** The text of an answer in progress, as the window draws it; undefined if none is in progress. */
  readonly liveText: (answerId: string) => string | undefined;
  /** Reads the chat if the window has not: the page does so when it shows the chat. */
  readonly openThread: (conversationId: string) => Promise<void>;
  readonly openEarlier: (conversationId: string) => Promise<void>;
  /** @param conversationId Absent: a new chat */
  readonly openChat: (conversationId: string | undefined) => void;
  readonly write: (text: string) => void;
  readonly send: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly edit: (conversationId: string, question: Message, text: string) => Promise<void>;
  readonly regenerate: (conversationId: string, answerId: string) => Promise<void>;
  readonly goOn: (conversationId: string, answer: Message) => Promise<void>;
  readonly showVersion: (conversationId: string, messageId: string) => Promise<void>;
  readonly deleteMessage: (conversationId: string, messageId: string) => Promise<void>;
  readonly deleteChat: (conversation: Conversation) => Promise<void>;
  readonly rename: (conversationId: string, title: string) => Promise<void>;
  readonly pin: (conversationId: string, pinned: boolean) => Promise<void>;
  readonly duplicate: (conversation: Conversation) => Promise<void>;
  /** Presses “Undo” in the newest notification that has it. */
  readonly undo: () => void;
  readonly loadModel: (id: string) => Promise<void>;
  readonly unloadModel: () => Promise<void>;
}
