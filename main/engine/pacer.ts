/** Sends at most once in an interval: at once after a pause, otherwise everything together at the end of the interval. */
export class Pacer {
  readonly #intervalMs: number;
  readonly #send: () => void;
  #sentAtMs = -Infinity;
  #due = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, send: () => void) {
    this.#intervalMs = intervalMs;
    this.#send = send;
  }

  /** Requests a send. */
  want(): void {
    this.#due = true;
    const restMs = this.#sentAtMs + this.#intervalMs - performance.now();
    if (restMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), restMs);
  }

  /** Sends now if a send is waiting. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#due) return;
    this.#due = false;
    this.#sentAtMs = performance.now();
    this.#send();
  }
}
