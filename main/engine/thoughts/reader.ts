/** Reads an answer token by token, and separates its thought from its text. */
import type { TokenDecoder, Tokenizer } from '../tokenizer/tokenizer.ts';
import { ChannelReader } from './channel-reader.ts';
import { allMarks, type ThoughtForm } from './form.ts';
import { MarkReader } from './mark-reader.ts';

/** The text that a token completed. */
export interface Said {
  /** Text of the answer. */
  readonly text: string;
  /** Present if the token belongs to a thought, perhaps without text. */
  readonly thought?: string;
  /** The answer ended here, although the token is no stop token. */
  readonly ended?: true;
}

/** Where an answer starts: before anything, at the start of a thought, within the text of a thought, or behind the thought. */
export type Start = 'beginning' | 'thought' | 'within' | 'answer';

/** A reader for the marks of one form. */
export interface PartReader {
  /** The text so far is inside a thought. */
  readonly thinking: boolean;
  /** @param special the literal of a special token, whose `text` is empty */
  push(text: string, special: string | undefined): Said;
  /** Text that was held back, at the end of the answer. */
  flush(): Said;
  /** The text that closes the open thought, as the template writes it. */
  readonly closing: string;
  /** The model was given {@link closing}. Returns the thought's text that was held back. */
  close(): Said;
}

export class ThoughtReader {
  readonly #tokenizer: Tokenizer;
  readonly #decoder: TokenDecoder;
  readonly #special: ReadonlySet<string>;
  readonly #parts: PartReader;

  constructor(form: ThoughtForm, tokenizer: Tokenizer, decoder: TokenDecoder, start: Start) {
    this.#tokenizer = tokenizer;
    this.#decoder = decoder;
    this.#special = new Set(tokenizer.controlLiterals.filter(({ special }) => special).map(({ content }) => content));
    this.#parts = form.channels ? new ChannelReader(form, start) : new MarkReader(form, start);
  }

  get thinking(): boolean {
    return this.#parts.thinking;
  }

  push(id: number): Said {
    const text = this.#decoder.push(id);
    const literal = this.#tokenizer.literal(id);
    const special = literal !== undefined && this.#special.has(literal) ? literal : undefined;
    // The decoder has no text for special tokens, but a mark may be one.
    const isMark = special !== undefined && allMarks.includes(special);
    return this.#parts.push(isMark ? text + special : text, special);
  }

  flush(): Said {
    const rest = this.#decoder.flush();
    const [last, held] = [this.#parts.push(rest, undefined), this.#parts.flush()];
    const thought = last.thought ?? held.thought;
    return {
      text: last.text + held.text,
      ...(thought === undefined ? {} : { thought: (last.thought ?? '') + (held.thought ?? '') }),
    };
  }

  get closing(): string {
    return this.#parts.closing;
  }

  close(): Said {
    return this.#parts.close();
  }
}
