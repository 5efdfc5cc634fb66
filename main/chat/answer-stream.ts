/**
 * Passes a streaming answer to the window and the disk. Text is joined for each frame, the first after a pause is sent at
 * once, and the answer is saved every second or every 2,000 characters.
 */
import type { Emit, LiveToken, Run, RunPlace, RunPrefill } from '../../preload/contract.ts';
import { Pacer } from '../engine/pacer.ts';
import type { TokenEvent } from '../engine/protocol.ts';
import { RunRecorder } from './run-recorder.ts';

/** About one frame of the display. */
const frameMs = 16;
const saveIntervalMs = 1000;
const saveCharacters = 2000;

export class AnswerStream {
  readonly conversationId: string;
  readonly answerId: string;
  /** The text before the answer was continued. */
  readonly prefix: string;
  readonly #emit: Emit;
  readonly #save: (text: string) => void;
  #text: string;
  #sentLength: number;
  #savedLength: number;
  readonly #recorder: RunRecorder;
  readonly #pacer = new Pacer(frameMs, () => this.#send());
  #sentTokens = 0;
  #saving: NodeJS.Timeout | undefined;

  constructor(conversationId: string, answerId: string, prefix: string, emit: Emit, save: (text: string) => void) {
    this.conversationId = conversationId;
    this.answerId = answerId;
    this.prefix = prefix;
    this.#text = prefix;
    this.#sentLength = this.#savedLength = prefix.length;
    this.#recorder = new RunRecorder(answerId);
    this.#emit = emit;
    this.#save = save;
  }

  /** The text so far. */
  get text(): string {
    return this.#text;
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
      this.#recorder.push(toLiveToken(token));
    }
    this.#pacer.want();
    if (this.#text.length - this.#savedLength >= saveCharacters) this.save();
    else if (this.#text.length > this.#savedLength) this.#saving ??= setTimeout(() => this.save(), saveIntervalMs);
  }

  /** Sends the window all text that it does not have yet. */
  flush(): void {
    this.#pacer.flush();
  }

  #send(): void {
    const firstToken = this.#sentTokens;
    const tokens = this.#recorder.tokens.slice(firstToken);
    if (tokens.length === 0) return;
    const { conversationId, answerId } = this;
    const offset = this.#sentLength;
    this.#sentTokens += tokens.length;
    this.#sentLength = this.#text.length;
    this.#emit('chat.tokens', { conversationId, answerId, offset, text: this.#text.slice(offset), firstToken, tokens });
  }

  save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.#text.length === this.#savedLength) return;
    this.#savedLength = this.#text.length;
    this.#save(this.#text);
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
  stepUs,
  acceleratorUs,
  backendUs,
  samplingUs,
  hvxThreads,
  htp,
  timeToFirstTokenUs,
}: TokenEvent): LiveToken {
  return {
    text,
    stepUs,
    samplingUs,
    ...(acceleratorUs === undefined ? {} : { acceleratorUs }),
    ...(backendUs === undefined ? {} : { backendUs }),
    ...(hvxThreads === undefined ? {} : { hvxThreads }),
    ...(htp === undefined ? {} : { htp }),
    ...(timeToFirstTokenUs === undefined ? {} : { timeToFirstTokenUs }),
  };
}
