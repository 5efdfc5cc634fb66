/** Chats and their messages. */
import { z } from 'zod';
import type { AppError } from './errors.ts';
import { maxMessageCharacters } from './fields.ts';
import type { RunPercentiles } from './runs.ts';
import type { contextPolicies } from './values.ts';

export const attachments = z
  .array(
    z.object({
      name: z.string().min(1).max(300),
      text: z.string().min(1).max(maxMessageCharacters),
      aside: z.literal(true).optional(),
    }),
  )
  .max(20);

export type ContextPolicy = (typeof contextPolicies)[number];

export interface Conversation {
  readonly id: string;
  readonly title: string;
  /** Unix time, ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly pinned: boolean;
  /** Absent until the person has chosen; the context then only stops. */
  readonly contextPolicy?: ContextPolicy;
}

/** A text file, or a long text that was pasted, that goes with a message. */
export interface Attachment {
  readonly name: string;
  readonly text: string;
  /** Kept for the person alone, for instance reasoning that was imported: no model gets it. */
  readonly aside?: true | undefined;
}

export interface Draft {
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

export type MessageState = 'streaming' | 'complete' | 'stopped' | 'failed' | 'interrupted';

export interface AnswerFigures {
  readonly model: string;
  readonly backend: string;
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly generatedTokens: number;
  /** Absent if the answer has no token. */
  readonly timeToFirstTokenUs?: number;
  readonly prefillRate?: number;
  readonly decodeRate?: number;
  /** Percentiles of the time of a token after the first, µs. */
  readonly stepUs?: RunPercentiles;
  readonly hvxThreads?: number;
  /** Of the engine process, at the end of the answer. */
  readonly residentBytes?: number;
  readonly contextUsed: number;
  readonly contextLength: number;
  readonly reason: 'stop' | 'length' | 'context' | 'cancelled';
  /** Oldest messages that were left out of the prompt, because the conversation no longer fits. */
  readonly droppedMessages?: number;
}

export interface Message {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly state: MessageState;
  readonly createdAt: number;
  readonly figures?: AnswerFigures;
  readonly error?: AppError;
  /** Absent at the beginning of the conversation. */
  readonly parentId?: string;
  readonly attachments?: readonly Attachment[];
  /** Ids of all versions with the same parent, oldest first, this one among them; absent if it is the only one. */
  readonly versions?: readonly string[];
}

/** The end of the path that is shown, its oldest message first. */
export interface Page {
  readonly messages: readonly Message[];
  /** How many messages come before these. */
  readonly earlier: number;
}

/** A part of a text; `hit` where it is what was searched for. */
export interface Segment {
  readonly text: string;
  readonly hit: boolean;
}

export interface SearchHit {
  readonly conversationId: string;
  readonly title: readonly Segment[];
  /** Where in the conversation; absent if only its title was found. */
  readonly message?: { readonly id: string; readonly role: Message['role']; readonly snippet: readonly Segment[] };
}
