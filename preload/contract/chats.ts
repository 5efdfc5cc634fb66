/** Chats and their messages. */
import { z } from 'zod';
import type { AppError } from './errors.ts';
import type { RunPercentiles } from './runs.ts';
import type { Thought } from './thought.ts';
import { maxMessageCharacters } from './values.ts';
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
  /** Absent until the person has chosen. The answer then ends when the context is full. */
  readonly contextPolicy?: ContextPolicy;
}

/** A text file or a long pasted text that belongs to a message. */
export interface Attachment {
  readonly name: string;
  readonly text: string;
  /** Kept for the person alone, for instance tool calls that were imported: no model gets it. */
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
  /** Percentiles of the times of tokens with a pass of their own, µs. */
  readonly stepUs?: RunPercentiles;
  readonly hvxThreads?: number;
  /** Resident memory of the engine process at the end of the answer, in bytes. */
  readonly residentBytes?: number;
  readonly contextUsed: number;
  readonly contextLength: number;
  readonly reason: 'stop' | 'length' | 'context' | 'cancelled';
  /** Number of oldest messages left out of the prompt because they no longer fit the context. */
  readonly droppedMessages?: number;
}

export interface Message {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  /** Without the thought. */
  readonly text: string;
  /** The thought before an answer. */
  readonly thought?: Thought;
  readonly state: MessageState;
  readonly createdAt: number;
  readonly figures?: AnswerFigures;
  readonly error?: AppError;
  /** Absent for the first message of the conversation. */
  readonly parentId?: string;
  readonly attachments?: readonly Attachment[];
  /** Ids of all versions with the same parent, oldest first, including this one; absent if it is the only one. */
  readonly versions?: readonly string[];
}

/** The end of the displayed path, oldest message first. */
export interface Page {
  readonly messages: readonly Message[];
  /** Number of messages before these. */
  readonly earlier: number;
}

/** A part of a text; `hit` if it matches the search. */
export interface Segment {
  readonly text: string;
  readonly hit: boolean;
}

export interface SearchHit {
  readonly conversationId: string;
  readonly title: readonly Segment[];
  /** The matching message; absent if only the title matches. */
  readonly message?: { readonly id: string; readonly role: Message['role']; readonly snippet: readonly Segment[] };
}
