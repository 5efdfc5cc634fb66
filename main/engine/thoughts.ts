/**
 * Writes the marks of thoughts into a decoded answer. Tokens that mark a thought may be special, and the decoder gives no text
 * for special tokens. Harmony's channels become `<think>…</think>`. So does a thought that began in the prompt.
 */
import { thoughtBegin, thoughtEnd, thoughtMarks } from '../../preload/contract/values.ts';
import type { TokenDecoder, Tokenizer } from './tokenizer/tokenizer.ts';

/** Every mark of a thought. A template sees them unchanged in a model's own message. */
export const allThoughtMarks: readonly string[] = thoughtMarks.flat();

/** Whether a prompt ends inside a thought that its template opened. */
export function opensThought(prompt: string): boolean {
  return thoughtMarks.some(([begin, end]) => {
    const from = prompt.lastIndexOf(begin);
    return from >= 0 && !prompt.includes(end, from) && prompt.slice(from + begin.length).trim() === '';
  });
}

/** Whether a tokenizer uses Harmony, in which `<|end|>` ends a channel, not the answer. */
export function hasChannels(controlTokens: ReadonlySet<string>): boolean {
  return ['<|channel|>', '<|message|>', '<|start|>'].every((token) => controlTokens.has(token));
}

/** @param open the answer begins inside a thought */
export function thoughtDecoder(tokenizer: Tokenizer, decoder: TokenDecoder, open: boolean): TokenDecoder {
  const control = new Set(tokenizer.controlLiterals.map(({ content }) => content));
  const special = new Set(tokenizer.controlLiterals.filter((literal) => literal.special).map(({ content }) => content));
  const channels = hasChannels(control) ? new Channels() : undefined;
  let before = open ? `${thoughtBegin}\n` : '';
  const begun = (text: string): string => {
    const whole = text === '' ? text : before + text;
    if (text !== '') before = '';
    return whole;
  };
  return {
    push: (id) => {
      const text = decoder.push(id);
      const literal = tokenizer.literal(id);
      if (channels !== undefined)
        return begun(channels.push(literal !== undefined && special.has(literal) ? literal : undefined, text));
      const isMark = literal !== undefined && special.has(literal) && allThoughtMarks.includes(literal);
      return begun(isMark ? text + literal : text);
    },
    flush: () => begun(decoder.flush() + (channels?.end() ?? '')),
  };
}

/** Harmony: `<|channel|>analysis<|message|>` begins a thought, `<|end|>` ends it, and the channel `final` is the answer. */
class Channels {
  #header: string | undefined;
  #thinking = false;

  push(special: string | undefined, text: string): string {
    switch (special) {
      case '<|channel|>':
      case '<|start|>':
        this.#header = '';
        return '';
      case '<|message|>': {
        const thinks = /^\s*(analysis|commentary)/.test(this.#header ?? '');
        this.#header = undefined;
        if (!thinks) return this.end();
        const begins = !this.#thinking;
        this.#thinking = true;
        return begins ? `${thoughtBegin}\n` : '\n\n';
      }
      case undefined:
        if (this.#header === undefined) return text;
        this.#header += text;
        return '';
      default:
        return text;
    }
  }

  /** The thought ends at the start of the answer. */
  end(): string {
    if (!this.#thinking) return '';
    this.#thinking = false;
    return `\n${thoughtEnd}\n\n`;
  }
}
