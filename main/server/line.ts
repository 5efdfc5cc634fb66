/** Requests wait here for their turn, in the order in which they came. The engine answers one at a time. */
import { ApiError } from './errors.ts';

/** More than these would wait longer than clients do. */
export const mostWaiting = 32;

export class Line {
  #busy = false;
  readonly #waiting = new Set<() => void>();

  /**
   * Resolves when it is this request's turn, with the function that ends the turn.
   * @param signal leaves the line
   * @throws ApiError `queue-full`; the signal's reason
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#busy) await this.#wait(signal);
    this.#busy = true;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#busy = false;
      this.#next();
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= mostWaiting) {
      throw new ApiError(429, 'queue-full', `${mostWaiting} requests are waiting already. Try again later.`, {
        headers: { 'retry-after': '10' },
      });
    }
    const turn = Promise.withResolvers<undefined>();
    const call = (): void => turn.resolve(undefined);
    const leave = (): void => {
      this.#waiting.delete(call);
      turn.reject(signal.reason instanceof Error ? signal.reason : new Error('The client left.'));
    };
    this.#waiting.add(call);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    // The turn passes on at once, so that no request in between takes it.
    this.#busy = true;
    first();
  }
}
