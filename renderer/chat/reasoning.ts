/** Separates the reasoning that some models write before an answer, between `<think>` and `</think>`, from the answer. */

const opening = '<think>';
const closing = '</think>';

export class ReasoningSplit {
  /** Text at the start that could still become the opening tag. */
  #start: string | undefined = '';
  #thought: string | undefined;
  #closed = false;

  /** The reasoning so far; undefined if there is none. */
  get thought(): string | undefined {
    // A half-written closing tag is no part of it.
    return this.#closed ? this.#thought?.trim() : this.#thought?.replace(/<\/?[a-z]*$/, '').trim();
  }

  /** @returns the part of `text` that belongs to the answer */
  append(text: string): string {
    if (this.#closed) return text;
    if (this.#thought !== undefined) return this.#think(text);
    if (this.#start === undefined) return text;
    const start = this.#start + text;
    const first = start.trimStart();
    this.#start = opening.startsWith(first) ? start : undefined;
    if (first.startsWith(opening)) {
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
    const end = all.indexOf(closing);
    this.#closed = end >= 0;
    this.#thought = this.#closed ? all.slice(0, end) : all;
    return this.#closed ? all.slice(end + closing.length) : '';
  }
}

/** Separates a finished text. */
export function separateReasoning(text: string): { readonly thought: string | undefined; readonly answer: string } {
  const split = new ReasoningSplit();
  const answer = split.append(text) + split.end();
  return { thought: split.thought, answer: split.thought === undefined ? answer : answer.trimStart() };
}
