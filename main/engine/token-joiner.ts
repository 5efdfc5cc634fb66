import type { TokenEvent } from './protocol.ts';

/** A message to the host carries all tokens of this time. */
const joinMs = 8;

/** Joins tokens so that a fast model does not flood the host; the first after a pause goes out at once. */
export class TokenJoiner {
  readonly #send: (tokens: readonly TokenEvent[]) => void;
  #waiting: TokenEvent[] = [];
  #sentAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (tokens: readonly TokenEvent[]) => void) {
    this.#send = send;
  }

  push(token: TokenEvent): void {
    this.#waiting.push(token);
    const restMs = this.#sentAtMs + joinMs - performance.now();
    if (restMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), restMs);
  }

  /** Sends what is waiting. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    this.#sentAtMs = performance.now();
    this.#send(this.#waiting);
    this.#waiting = [];
  }
}
