/** The window's only access to the system. No other file uses `window.wyvern`. */
import type { CallInput, CallName, CallOutputs, EventName, Events, Result } from '../preload/contract.ts';

/** Calls the system. Never rejects: an unexpected failure becomes an `internal` error. */
export async function call<N extends CallName>(name: N, input: CallInput<N>): Promise<Result<CallOutputs[N]>> {
  try {
    return await window.wyvern.call(name, input);
  } catch (error) {
    return {
      ok: false,
      error: { code: 'internal', message: error instanceof Error ? error.message : String(error) },
    };
  }
}

/** Subscribes to an event of the system. @returns a function that unsubscribes */
export function on<N extends EventName>(name: N, listener: (payload: Events[N]) => void): () => void {
  return window.wyvern.on(name, listener);
}

/** Absolute path of a dropped file; empty if the file has none. */
export function pathOf(file: File): string {
  return window.wyvern.pathOf(file);
}
