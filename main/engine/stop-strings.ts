/**
 * Searches an answer for stop strings. It never returns a part of a stop string, and it holds back only text that may still
 * become one.
 */
export class StopStrings {
  readonly #stops: readonly string[];
  #held = '';
  #matched = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Whether a stop string was found. The answer ends just before it. */
  get matched(): boolean {
    return this.#matched;
  }

  /** Takes new text and returns the text that can be shown. */
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

  /** Returns the held-back text, for an answer that ended for another reason. */
  flush(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  /** Length of the longest suffix of `text` that is a prefix of a stop string. */
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
