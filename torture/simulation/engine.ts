/** An engine process of the simulation: it answers with words that name their question, and fails as chance has it. */
import type { EngineProcess } from '../../main/engine-host/engine-process.ts';
import type { EngineEvent, EngineRequest, GenerateInput, TokenEvent } from '../../main/engine/protocol.ts';
import { loadedModel, statistics } from '../../main/testing/scripted-engine.ts';
import type { Dice } from '../../native/test/random.ts';

/** What the engine does with its next message. */
export type Fate = 'says' | 'says it twice' | 'crashes' | 'hangs';

/** The mark of a question in its text and in each word of its answers. */
export const marks = /«(\d+)»/g;

export class SimulatedEngine implements EngineProcess {
  readonly lastOutput = '';
  pid: number | undefined = 2 ** 30;
  readonly #random: Dice;
  #onEvent: (event: EngineEvent) => void = () => undefined;
  #onExit: (code: number) => void = () => undefined;
  /** Messages on their way to the app, oldest first. */
  readonly #outgoing: EngineEvent[] = [{ type: 'ready' }];
  #answering: { readonly id: string; readonly word: string; left: number; text: string } | undefined;
  #hangs = false;

  constructor(random: Dice) {
    this.#random = random;
  }

  get isBusy(): boolean {
    return this.pid !== undefined && !this.#hangs && (this.#outgoing.length > 0 || this.#answering !== undefined);
  }

  post(request: EngineRequest): void {
    if (this.#hangs || this.pid === undefined) return;
    const { type } = request;
    if (type === 'shutdown') this.#exit(0);
    if (type === 'load') this.#outgoing.push({ type: 'loaded', id: request.id, model: loadedModel() });
    if (type === 'count') this.#outgoing.push({ type: 'counted', id: request.id, tokens: 3 });
    if (type === 'generate') this.#begin(request.id, request.input);
    if (type === 'stop' && this.#answering?.id === request.id) this.#end('cancelled');
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#onEvent = listener;
  }

  onExit(listener: (code: number) => void): void {
    this.#onExit = listener;
  }

  kill(): void {
    this.#exit(15);
  }

  destroy(): void {
    this.#exit(9);
  }

  /** Delivers the next message, or fails. */
  step(fate: Fate): void {
    if (fate === 'crashes') this.#exit(139);
    if (fate === 'hangs') this.#hangs = true;
    if (this.pid === undefined || this.#hangs) return;
    if (this.#outgoing.length === 0) this.#go();
    const event = this.#outgoing.shift();
    if (event === undefined) return;
    this.#onEvent(event);
    if (fate === 'says it twice' && event.type !== 'tokens') this.#onEvent(structuredClone(event));
  }

  #begin(id: string, input: GenerateInput): void {
    const messages = input.prompt.kind === 'messages' ? input.prompt.messages : [];
    const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const [, mark = '?'] = [...question.matchAll(marks)].at(-1) ?? [];
    this.#answering = { id, word: `«${mark}» `, left: 1 + this.#random.below(12), text: '' };
    const prefill = { promptTokens: 3, reusedTokens: 0, prefillUs: 1, chunks: [], residentBytes: 1 };
    this.#outgoing.push({ type: 'prefilled', id, ...prefill });
  }

  /** Writes the next words. */
  #go(): void {
    const answer = this.#answering;
    if (answer === undefined) return;
    if (answer.left === 0) {
      this.#end('stop');
      return;
    }
    const count = Math.min(answer.left, 1 + this.#random.below(3));
    answer.left -= count;
    answer.text += answer.word.repeat(count);
    const token: TokenEvent = { id: 1, text: answer.word, stepUs: 10, samplingUs: 1 };
    this.#outgoing.push({ type: 'tokens', id: answer.id, tokens: Array<TokenEvent>(count).fill(token) });
  }

  #end(reason: 'stop' | 'cancelled'): void {
    if (this.#answering === undefined) return;
    const { id, text } = this.#answering;
    this.#answering = undefined;
    this.#outgoing.push({ type: 'done', id, text, tokens: [], reason, statistics });
  }

  #exit(code: number): void {
    if (this.pid === undefined) return;
    this.pid = undefined;
    this.#onExit(code);
  }
}
