/**
 * Reads Harmony, the format of gpt-oss (https://github.com/openai/harmony): an answer is a sequence of messages
 * `<|start|>assistant<|channel|>NAME<|message|>TEXT<|end|>`. The channels `analysis` and `commentary` are the thought, `final` is
 * the answer.
 */
import type { ThoughtForm } from './form.ts';
import type { PartReader, Said, Start } from './reader.ts';

export class ChannelReader implements PartReader {
  readonly #form: ThoughtForm;
  /** The header of a message that has begun; undefined inside of its text. */
  #header: string | undefined;
  #state: Exclude<Start, 'within'>;
  #hasThought: boolean;

  constructor(form: ThoughtForm, start: Start) {
    this.#form = form;
    this.#state = start === 'within' ? 'thought' : start;
    this.#hasThought = this.#state === 'thought';
  }

  get thinking(): boolean {
    return this.#state === 'thought';
  }

  push(text: string, special: string | undefined): Said {
    switch (special) {
      case '<|channel|>':
      case '<|start|>':
        this.#header = '';
        return this.#said('');
      case '<|message|>':
        return this.#begin();
      case '<|end|>':
        return this.#state === 'answer' ? { text: '', ended: true } : this.#said('');
      case undefined:
        if (this.#header === undefined) return this.#said(text);
        this.#header += text;
        return this.#said('');
      default:
        return this.#said(text);
    }
  }

  flush(): Said {
    return { text: '' };
  }

  get closing(): string {
    return this.#form.closing;
  }

  close(): Said {
    this.#state = 'answer';
    this.#header = undefined;
    return { text: '' };
  }

  /** A message's text begins. */
  #begin(): Said {
    const isThought = /^\s*(analysis|commentary)/.test(this.#header ?? '');
    this.#header = undefined;
    this.#state = isThought ? 'thought' : 'answer';
    const thought = isThought && this.#hasThought ? '\n\n' : '';
    this.#hasThought ||= isThought;
    return this.#said(thought);
  }

  #said(text: string): Said {
    return this.#state === 'thought' ? { text: '', thought: text } : { text };
  }
}
