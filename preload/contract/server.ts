/** The local server, as the window shows it. */
import type { AppError } from './errors.ts';

/** One request, without any of its text. */
export interface ServerLogEntry {
  readonly id: number;
  /** Unix time, ms. */
  readonly at: number;
  /** Method and path of a known route; `other` for every other request. */
  readonly route: string;
  /** `waiting`: an answer of the window, or an earlier request, comes first. */
  readonly state: 'waiting' | 'running' | 'done';
  readonly model?: string;
  /** HTTP status; absent until the response begins. 499: the client left before its end. */
  readonly status?: number;
  /** Code of the error in the response. */
  readonly code?: string;
  readonly promptTokens?: number;
  /** Prompt tokens that were in the KV cache. */
  readonly cachedTokens?: number;
  readonly generatedTokens?: number;
  /** From the request's arrival to its end. */
  readonly ms?: number;
  /** Equal refused requests in a row are one entry. Absent: one. */
  readonly times?: number;
}

export interface ServerState {
  readonly status: 'off' | 'starting' | 'on' | 'failed';
  /** While it is on: the base address for clients. */
  readonly address?: string;
  /** Why it is not on, although it should be. */
  readonly error?: AppError;
  /** While it is on. */
  readonly token?: string;
  /** A request of another program has its turn. The window's next answer waits for it. */
  readonly answering: boolean;
  /** The last requests, newest first. */
  readonly entries: readonly ServerLogEntry[];
}
