/** Collects the thought of an answer while it is generated. */
import type { Thought } from '../../preload/contract.ts';
import type { TokenEvent } from '../engine/protocol.ts';

export class ThoughtRecorder {
  /** The text before the answer was continued. */
  readonly #prefix: string;
  #text: string;
  #tokens: number;
  #us: number;

  /** @param before the thought of an answer that is continued */
  constructor(before: Thought | undefined) {
    this.#text = this.#prefix = before?.text ?? '';
    this.#tokens = before?.tokens ?? 0;
    this.#us = (before?.ms ?? 0) * 1000;
  }

  get text(): string {
    return this.#text;
  }

  /** Undefined: the model has written no thought. */
  get thought(): Thought | undefined {
    return this.#with(this.#text);
  }

  push({ thought, stepUs }: TokenEvent): void {
    if (thought === undefined) return;
    this.#text += thought;
    this.#tokens++;
    this.#us += stepUs;
  }

  /** @param made the thought that the engine reports at the end */
  ended(made: string | undefined): Thought | undefined {
    return this.#with(this.#prefix + (made ?? ''));
  }

  #with(text: string): Thought | undefined {
    if (text === '') return undefined;
    // A thought of another program may have no count.
    return { text, ...(this.#tokens > 0 ? { tokens: this.#tokens, ms: Math.round(this.#us / 1000) } : {}) };
  }
}
