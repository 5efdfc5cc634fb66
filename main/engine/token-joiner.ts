import { Pacer } from './pacer.ts';
import type { TokenEvent } from './protocol.ts';

/** A message to the host carries all tokens of this time. */
const joinMs = 8;

/** Joins tokens so that a fast model does not flood the host; the first after a pause goes out at once. */
export class TokenJoiner {
  readonly #pacer: Pacer;
  #waiting: TokenEvent[] = [];

  constructor(send: (tokens: readonly TokenEvent[]) => void) {
    this.#pacer = new Pacer(joinMs, () => {
      const tokens = this.#waiting;
      this.#waiting = [];
      send(tokens);
    });
  }

  push(token: TokenEvent): void {
    this.#waiting.push(token);
    this.#pacer.want();
  }

  /** Sends what is waiting. */
  flush(): void {
    this.#pacer.flush();
  }
}
