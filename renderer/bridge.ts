/** The window's one door to the system: no other file names `window.wyvern`. */
import type { CallInput, CallName, CallOutputs, EventName, Events, Result } from '../preload/contract.ts';

/** Asks the system for something. Never rejects: what should not happen comes back as an `internal` error. */
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

/** Listens to what the system tells; returns its own off. */
export function on<N extends EventName>(name: N, listener: (payload: Events[N]) => void): () => void {
  return window.wyvern.on(name, listener);
}

/** Absolute path of a dropped file; empty for a file that has none. */
export function pathOf(file: File): string {
  return window.wyvern.pathOf(file);
}
