import { Pacer } from './pacer.ts';
import type { TokenEvent } from './protocol.ts';

/** Tokens within this time go into one message. */
const joinMs = 8;

/** Joins tokens, so that a fast model does not flood the host. The first after a pause is sent at once. */
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

  /** Sends the waiting tokens. */
  flush(): void {
    this.#pacer.flush();
  }
}
