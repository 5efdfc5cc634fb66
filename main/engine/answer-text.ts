/** The text of one answer and its thought, without stop strings. */
import { StopStrings } from './stop-strings.ts';
import type { Said } from './thoughts/reader.ts';

export class AnswerText {
  readonly #answerStops: StopStrings;
  readonly #thoughtStops: StopStrings;
  #text = '';
  #thought = '';
  #ended = false;

  /**
   * @param stops end the answer; a thought may contain them, because they are about what a person reads
   * @param endTexts end the whole turn, also inside a thought
   */
  constructor(stops: readonly string[], endTexts: readonly string[]) {
    this.#answerStops = new StopStrings([...stops, ...endTexts]);
    this.#thoughtStops = new StopStrings(endTexts);
  }

  /** A stop string was found, or the model's form says that the answer is complete. */
  get ended(): boolean {
    return this.#ended || this.#answerStops.matched || this.#thoughtStops.matched;
  }

  /** The text so far. */
  get whole(): { readonly text: string; readonly thought?: string } {
    const thought = this.#thought.trimEnd();
    return { text: this.#text, ...(thought === '' ? {} : { thought }) };
  }

  /** Returns the part that can be shown. */
  push({ text, thought, ended }: Said): Said {
    this.#ended ||= ended ?? false;
    const shown = thought === undefined ? undefined : this.#thoughtStops.push(thought);
    const said = this.#thoughtStops.matched ? '' : this.#answerStops.push(text);
    this.#thought += shown ?? '';
    this.#text += said;
    return { text: said, ...(shown === undefined ? {} : { thought: shown }) };
  }

  /** Takes the last text and returns everything that was held back. */
  end(last: Said): Said {
    const said = this.push(last);
    const [thought, text] = [this.#thoughtStops.flush(), this.#answerStops.flush()];
    this.#thought += thought;
    this.#text += text;
    return join(said, { text, ...(thought === '' ? {} : { thought }) });
  }
}

/** Joins the texts of one token. */
export function join(first: Said, second: Said): Said {
  const thought = first.thought ?? second.thought;
  return {
    text: first.text + second.text,
    ...(thought === undefined ? {} : { thought: (first.thought ?? '') + (second.thought ?? '') }),
  };
}
