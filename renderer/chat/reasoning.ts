/** Separates the reasoning that some models write before an answer, e.g. in `<think>` and `</think>`, from the answer. */
import { startsLikeThought, thoughtMarks } from '../../preload/contract/values.ts';

export class ReasoningSplit {
  /** Text at the start that could still become the opening tag. */
  #start: string | undefined = '';
  #thought: string | undefined;
  #closing = '';
  #closed = false;

  /** The reasoning so far; undefined if there is none. */
  get thought(): string | undefined {
    // A half-written closing tag is no part of it.
    return this.#closed ? this.#thought?.trim() : withoutBegun(this.#thought, this.#closing)?.trim();
  }

  /** @returns the part of `text` that belongs to the answer */
  append(text: string): string {
    if (this.#closed) return text;
    if (this.#thought !== undefined) return this.#think(text);
    if (this.#start === undefined) return text;
    const start = this.#start + text;
    const first = start.trimStart();
    this.#start = startsLikeThought(first) ? start : undefined;
    const [opening, closing] = thoughtMarks.find(([begin]) => first.startsWith(begin)) ?? [];
    if (opening !== undefined && closing !== undefined) {
      this.#closing = closing;
      this.#start = undefined;
      this.#thought = '';
      return this.#think(first.slice(opening.length));
    }
    return this.#start === undefined ? start : '';
  }

  /** @returns text that was held back, at the end of the answer */
  end(): string {
    return this.#start ?? '';
  }

  #think(text: string): string {
    const all = (this.#thought ?? '') + text;
    const end = all.indexOf(this.#closing);
    this.#closed = end >= 0;
    this.#thought = this.#closed ? all.slice(0, end) : all;
    return this.#closed ? all.slice(end + this.#closing.length) : '';
  }
}

/** Separates a finished text. */
export function separateReasoning(text: string): { readonly thought: string | undefined; readonly answer: string } {
  const split = new ReasoningSplit();
  const answer = split.append(text) + split.end();
  return { thought: split.thought, answer: split.thought === undefined ? answer : answer.trimStart() };
}

/** Text without an end that begins `mark`. */
function withoutBegun(text: string | undefined, mark: string): string | undefined {
  for (let length = mark.length - 1; length > 0; length--) {
    if (text?.endsWith(mark.slice(0, length)) === true) return text.slice(0, -length);
  }
  return text;
}
