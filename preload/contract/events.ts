/** Every event that the main process sends to the window. */
import type { HashProgress, AdditionState } from './additions.ts';
import type { Salvage } from './app.ts';
import type { Conversation, Message } from './chats.ts';
import type { ChatImportProgress } from './exchange.ts';
import type { BenchmarkProgress, ModelEntry, ModelState } from './models.ts';
import type { LiveToken, RunPrefill } from './runs.ts';
import type { ServerState } from './server.ts';

export interface Events {
  /** Batched once per animation frame. */
  'chat.tokens': {
    readonly answerId: string;
    readonly conversationId: string;
    /**
     * Length of the answer before this text, in UTF-16 units. A window that opened the chat in the meantime uses it to
     * skip text that it already has.
     */
    readonly offset: number;
    readonly text: string;
    /** The same for the thought before the answer; absent if it did not grow. */
    readonly thought?: { readonly offset: number; readonly text: string };
    /** Index of the first of `tokens` in the answer's run, from 0. */
    readonly firstToken: number;
    readonly tokens: readonly LiveToken[];
  };
  'chat.prefilled': {
    readonly answerId: string;
    readonly conversationId: string;
  } & RunPrefill;
  /** The app is about to close with a temporary chat that has messages. The window asks and calls `app.close`. */
  'app.closing': undefined;
  /** The final message as stored. */
  'chat.finished': { readonly conversationId: string; readonly message: Message };
  'conversations.changed': { readonly conversation: Conversation };
  'models.state': ModelState;
  'models.measuring': BenchmarkProgress;
  'models.changed': readonly ModelEntry[];
  'models.hashing': HashProgress;
  /** Undefined: no model is being added. */
  'additions.changed': AdditionState | undefined;
  /** Undefined: no chats are being imported. */
  'chats.importing': ChatImportProgress | undefined;
  'server.changed': ServerState;
  /** The chat file was damaged. The store now contains everything that could be read. */
  'data.salvaged': Salvage;
}

export type EventName = keyof Events;

/** Sends one event to the window. */
export type Emit = <N extends EventName>(name: N, payload: Events[N]) => void;
