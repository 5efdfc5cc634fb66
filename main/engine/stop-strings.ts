/**
 * Watches an answer for strings that end it. Nothing of a stop string is ever let through, and no more is held back
 * than could still become one.
 */
export class StopStrings {
  readonly #stops: readonly string[];
  #held = '';
  #matched = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Whether a stop string was seen; the answer has ended just before it. */
  get matched(): boolean {
    return this.#matched;
  }

  /** Takes new text and returns what may be shown. */
  push(text: string): string {
    if (this.#matched) return '';
    if (this.#stops.length === 0) return text;
    const pending = this.#held + text;
    const ends = this.#stops.map((stop) => pending.indexOf(stop)).filter((index) => index >= 0);
    if (ends.length > 0) {
      this.#matched = true;
      this.#held = '';
      return pending.slice(0, Math.min(...ends));
    }
    const shown = pending.length - this.#openEnd(pending);
    this.#held = pending.slice(shown);
    return pending.slice(0, shown);
  }

  /** The answer ended otherwise: what was held back is text after all. */
  flush(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  /** Length of the longest end of `text` that begins a stop string. */
  #openEnd(text: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
        if (text.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
