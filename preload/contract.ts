/**
 * The contract between the window and the main process: every call, every event, and their types. The preload exposes
 * the names in `names.ts` and no others. The window imports values from `contract/values.ts` only, so that its bundle
 * contains no schema library.
 */
import type { CallInput, CallName, CallOutputs } from './contract/calls.ts';
import type { Result } from './contract/errors.ts';
import type { EventName, Events } from './contract/events.ts';

export * from './contract/additions.ts';
export * from './contract/app.ts';
export * from './contract/calls.ts';
export * from './contract/chats.ts';
export * from './contract/errors.ts';
export * from './contract/events.ts';
export * from './contract/exchange.ts';
export * from './contract/models.ts';
export * from './contract/prompts.ts';
export * from './contract/published.ts';
export * from './contract/runs.ts';
export * from './contract/server.ts';
export * from './contract/settings.ts';
export * from './contract/templates.ts';
export type { Thought } from './contract/thought.ts';

export interface Bridge {
  /** Never rejects for an expected failure: those are values. */
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<Result<CallOutputs[N]>>;
  on<N extends EventName>(name: N, listener: (payload: Events[N]) => void): () => void;
  /** Absolute path of a dropped file; empty if the file has none. */
  pathOf(file: File): string;
}
