/** One answer of the model as OpenAI's clients see it: pieces while it comes, then the whole. */
import type { ToolCall } from '../engine/protocol.ts';
import { ApiError, fromAppError } from './errors.ts';
import type { AnswerPart } from './protocol.ts';
import type { CallReader, Read } from './tool-calls.ts';

export type Piece =
  | { readonly kind: 'text' | 'thought'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ToolCall; readonly index: number };

export type Finish = 'stop' | 'length' | 'tool_calls';

export interface Usage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly generatedTokens: number;
  readonly thoughtTokens: number;
}

export interface WholeAnswer {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly ToolCall[];
  readonly finish: Finish;
  readonly usage: Usage;
}

export class Answer {
  readonly #reader: CallReader;
  readonly #calls: ToolCall[] = [];
  /** Of the model's text: the part that the reader has. */
  #taken = 0;
  #text = '';
  #thought = '';
  #thoughtTokens = 0;
  #whole: WholeAnswer | undefined;

  constructor(reader: CallReader) {
    this.#reader = reader;
  }

  /** Set once the answer is complete. */
  get whole(): WholeAnswer | undefined {
    return this.#whole;
  }

  /**
   * The new pieces of a part.
   * @throws ApiError if the answer failed, or if its model was unloaded
   */
  push(part: AnswerPart): readonly Piece[] {
    switch (part.type) {
      case 'turn':
      case 'started':
        return [];
      case 'tokens':
        return part.tokens.flatMap(({ text, thought }) => {
          if (thought !== undefined) this.#thoughtTokens++;
          return [...this.#thoughts(thought ?? ''), ...this.#said(text)];
        });
      case 'done':
        return this.#end(part);
      case 'failed':
        throw fromAppError(part.error);
    }
  }

  #end(done: Extract<AnswerPart, { type: 'done' }>): readonly Piece[] {
    if (done.reason === 'cancelled') {
      throw new ApiError(503, 'model-not-loaded', 'The model was unloaded during this answer. Send the request again.');
    }
    const { promptTokens, cachedTokens, generatedTokens } = done;
    const pieces = [
      ...this.#thoughts((done.thought ?? '').slice(this.#thought.length)),
      ...this.#said(done.text.slice(this.#taken)),
      ...this.#read(this.#reader.flush()),
    ];
    this.#whole = {
      text: this.#text,
      thought: this.#thought.trimEnd(),
      calls: this.#calls,
      finish: this.#calls.length > 0 ? 'tool_calls' : done.reason === 'stop' ? 'stop' : 'length',
      usage: { promptTokens, cachedTokens, generatedTokens, thoughtTokens: this.#thoughtTokens },
    };
    return pieces;
  }

  #thoughts(text: string): readonly Piece[] {
    this.#thought += text;
    return text === '' ? [] : [{ kind: 'thought', text }];
  }

  #said(text: string): readonly Piece[] {
    this.#taken += text.length;
    return text === '' ? [] : this.#read(this.#reader.push(text));
  }

  #read({ text, calls }: Read): readonly Piece[] {
    this.#text += text;
    const found = calls.map((call) => ({ kind: 'call', call, index: this.#calls.push(call) - 1 }) as const);
    return [...(text === '' ? [] : [{ kind: 'text', text } as const]), ...found];
  }
}

/** OpenAI's `usage`. */
export function usageOf({ promptTokens, cachedTokens, generatedTokens, thoughtTokens }: Usage): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: generatedTokens,
    total_tokens: promptTokens + generatedTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: thoughtTokens },
  };
}
