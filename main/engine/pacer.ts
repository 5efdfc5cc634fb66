/** Sends at most once in an interval: the first after a pause at once, what comes sooner together when the interval is over. */
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

  /** There is something to send. */
  want(): void {
    this.#due = true;
    const restMs = this.#sentAtMs + this.#intervalMs - performance.now();
    if (restMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), restMs);
  }

  /** Sends what is waiting. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#due) return;
    this.#due = false;
    this.#sentAtMs = performance.now();
    this.#send();
  }
}
