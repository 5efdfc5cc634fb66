/** Finds a thought between marks, such as `<think>` and `</think>`, at the start of an answer. A mark further on is text. */
import type { ThoughtForm, ThoughtMarks } from './form.ts';
import { usualForm } from './form.ts';
import type { PartReader, Said, Start } from './reader.ts';

type State = 'beginning' | 'thought' | 'behind' | 'answer';

export class MarkReader implements PartReader {
  readonly #form: ThoughtForm;
  #state: State;
  /** Text that may still become a mark, or white space at an end of the thought. */
  #held = '';
  /** The pair of the open thought; undefined if the prompt opened it. */
  #pair: ThoughtMarks | undefined;
  /** Text after the opening mark, as the model wrote it. */
  #written = '';
  #hasText: boolean;

  constructor(form: ThoughtForm, start: Start) {
    this.#form = form;
    this.#state = start === 'within' ? 'thought' : start;
    this.#hasText = start === 'within';
  }

  get thinking(): boolean {
    return this.#state === 'thought';
  }

  push(text: string): Said {
    switch (this.#state) {
      case 'answer':
        return { text };
      case 'beginning':
        return this.#begin(text);
      case 'thought':
        return this.#think(text);
      case 'behind':
        return { text: this.#start(text) };
    }
  }

  flush(): Said {
    const held = this.#held;
    this.#held = '';
    if (this.#state === 'beginning') return { text: held };
    return this.#state === 'thought' ? { text: '', thought: held.trimEnd() } : { text: '' };
  }

  get closing(): string {
    const { opening, closing } = this.#writtenForm();
    const begin = this.#pair?.[0];
    // The template's white space after the opening mark, if the model has not written it.
    const space =
      this.#written === '' && begin !== undefined ? opening.slice(opening.indexOf(begin) + begin.length) : '';
    const isRepeated = this.#written.endsWith('\n') && closing.startsWith('\n');
    return space + (isRepeated ? closing.slice(1) : closing);
  }

  close(): Said {
    const { thought = '' } = this.flush();
    this.#state = 'behind';
    return { text: '', ...(thought === '' ? {} : { thought }) };
  }

  #writtenForm(): Pick<ThoughtForm, 'opening' | 'closing'> {
    const pair = this.#pair;
    return pair === undefined || this.#form.closing.includes(pair[1]) ? this.#form : usualForm(pair);
  }

  #begin(text: string): Said {
    const all = this.#held + text;
    const begun = all.trimStart();
    const pair = this.#form.pairs.find(([begin]) => begun.startsWith(begin));
    if (pair !== undefined) {
      this.#pair = pair;
      this.#state = 'thought';
      this.#held = '';
      return this.#think(begun.slice(pair[0].length));
    }
    if (this.#form.pairs.some(([begin]) => begin.startsWith(begun))) {
      this.#held = all;
      return { text: '' };
    }
    this.#state = 'answer';
    this.#held = '';
    return { text: all };
  }

  #think(text: string): Said {
    this.#written += text;
    const all = this.#held + text;
    const ends = this.#pair === undefined ? this.#form.pairs.map(([, end]) => end) : [this.#pair[1]];
    const [found] = ends
      .map((end) => ({ end, at: all.indexOf(end) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at);
    if (found !== undefined) {
      this.#state = 'behind';
      this.#held = '';
      const thought = this.#shown(all.slice(0, found.at).trimEnd());
      return { thought, text: this.#start(all.slice(found.at + found.end.length)) };
    }
    const keep = heldEnd(all, ends);
    this.#held = all.slice(keep);
    return { text: '', thought: this.#shown(all.slice(0, keep)) };
  }

  /** Drops the white space before the thought. */
  #shown(text: string): string {
    const shown = this.#hasText ? text : text.trimStart();
    if (shown !== '') this.#hasText = true;
    return shown;
  }

  /** Drops the white space between thought and answer. */
  #start(text: string): string {
    const shown = text.trimStart();
    if (shown !== '') this.#state = 'answer';
    return shown;
  }
}

/** Where the end of `text` begins that may belong to a closing mark or to the white space before it. */
function heldEnd(text: string, ends: readonly string[]): number {
  const longest = Math.max(...ends.map((end) => end.length));
  for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
    const tail = text.slice(at);
    if (ends.some((end) => end.startsWith(tail))) return text.slice(0, at).trimEnd().length;
  }
  return text.trimEnd().length;
}
