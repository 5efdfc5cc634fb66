/**
 * Passes a streaming answer to the window and the disk. Text is joined for each frame, the first after a pause is sent at
 * once, and the answer is saved every second or every 2,000 characters.
 */
import type { Emit, LiveToken, Message, Run, RunPlace, RunPrefill, Thought } from '../../preload/contract.ts';
import { Pacer } from '../engine/pacer.ts';
import type { TokenEvent } from '../engine/protocol.ts';
import { RunRecorder } from './run-recorder.ts';
import { ThoughtRecorder } from './thought-recorder.ts';

/** About one frame of the display. */
const frameMs = 16;
const saveIntervalMs = 1000;
const saveCharacters = 2000;

/** An answer as the store has it. */
type Written = Pick<Message, 'text' | 'thought'>;

export class AnswerStream {
  readonly conversationId: string;
  readonly answerId: string;
  /** The text before the answer was continued. */
  readonly #prefix: string;
  readonly #emit: Emit;
  readonly #save: (text: string, thought: Thought | undefined) => void;
  readonly #thought: ThoughtRecorder;
  #text: string;
  #sent: { text: number; thought: number };
  #savedLength: number;
  readonly #recorder: RunRecorder;
  readonly #pacer = new Pacer(frameMs, () => this.#send());
  #sentTokens = 0;
  #saving: NodeJS.Timeout | undefined;

  /** @param before the answer, if it is continued */
  constructor(
    conversationId: string,
    answerId: string,
    before: Written | undefined,
    emit: Emit,
    save: (text: string, thought: Thought | undefined) => void,
  ) {
    this.conversationId = conversationId;
    this.answerId = answerId;
    this.#text = this.#prefix = before?.text ?? '';
    this.#thought = new ThoughtRecorder(before?.thought);
    this.#sent = { text: this.#text.length, thought: this.#thought.text.length };
    this.#savedLength = this.#length;
    this.#recorder = new RunRecorder(answerId);
    this.#emit = emit;
    this.#save = save;
  }

  /** The answer so far. */
  get written(): Written {
    const thought = this.#thought.thought;
    return { text: this.#text, ...(thought ? { thought } : {}) };
  }

  /** Tokens of the thought so far. */
  get thoughtTokens(): number {
    return this.#thought.thought?.tokens ?? 0;
  }

  /** The times of the tokens so far; undefined before the engine was asked. */
  get run(): Run | undefined {
    return this.#recorder.run;
  }

  /** The engine was asked. @param before the earlier run of a continued answer */
  begin(place: RunPlace, before?: Run): void {
    this.#recorder.begin(place, before);
    this.#sentTokens = this.#recorder.tokens.length;
  }

  prefilled(prefill: RunPrefill): void {
    this.#recorder.prefilled(prefill);
    const { conversationId, answerId } = this;
    this.#emit('chat.prefilled', { answerId, conversationId, ...prefill });
  }

  push(tokens: readonly TokenEvent[]): void {
    for (const token of tokens) {
      this.#text += token.text;
      this.#thought.push(token);
      this.#recorder.push(toLiveToken(token));
    }
    this.#pacer.want();
    if (this.#length - this.#savedLength >= saveCharacters) this.save();
    else if (this.#length > this.#savedLength) this.#saving ??= setTimeout(() => this.save(), saveIntervalMs);
  }

  /** The whole answer. @param made the engine's text, which may end with characters that no token had */
  ended(made: { readonly text: string; readonly thought?: string }): Written {
    const thought = this.#thought.ended(made.thought);
    return { text: this.#prefix + made.text, ...(thought ? { thought } : {}) };
  }

  /** Sends the window all text that it does not have yet. */
  flush(): void {
    this.#pacer.flush();
  }

  get #length(): number {
    return this.#text.length + this.#thought.text.length;
  }

  #send(): void {
    const firstToken = this.#sentTokens;
    const tokens = this.#recorder.tokens.slice(firstToken);
    if (tokens.length === 0) return;
    const { conversationId, answerId } = this;
    const before = this.#sent;
    const thoughts = this.#thought.text;
    this.#sentTokens += tokens.length;
    this.#sent = { text: this.#text.length, thought: thoughts.length };
    this.#emit('chat.tokens', {
      conversationId,
      answerId,
      offset: before.text,
      text: this.#text.slice(before.text),
      ...(thoughts.length > before.thought
        ? { thought: { offset: before.thought, text: thoughts.slice(before.thought) } }
        : {}),
      firstToken,
      tokens,
    });
  }

  save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.#length === this.#savedLength) return;
    this.#savedLength = this.#length;
    this.#save(this.#text, this.#thought.thought);
  }

  /** The answer ended: sends the remaining text. The caller stores the final state. */
  end(): void {
    this.flush();
    clearTimeout(this.#saving);
    this.#saving = undefined;
  }
}

function toLiveToken({
  text,
  thought,
  stepUs,
  acceleratorUs,
  backendUs,
  samplingUs,
  hvxThreads,
  htp,
  accepted,
  timeToFirstTokenUs,
}: TokenEvent): LiveToken {
  return {
    text,
    ...(thought === undefined ? {} : { thought }),
    stepUs,
    samplingUs,
    ...(acceleratorUs === undefined ? {} : { acceleratorUs }),
    ...(backendUs === undefined ? {} : { backendUs }),
    ...(hvxThreads === undefined ? {} : { hvxThreads }),
    ...(htp === undefined ? {} : { htp }),
    ...(accepted === undefined ? {} : { accepted }),
    ...(timeToFirstTokenUs === undefined ? {} : { timeToFirstTokenUs }),
  };
}
