/** One loaded model: the order of operations, stop strings, the events of an answer and its statistics. */
import type { PrefillChunk } from '../../native/index.d.ts';
import { AnswerText, join } from './answer-text.ts';
import { asFailure, failure } from './errors.ts';
import type {
  BundlePaths,
  ChatMessage,
  CountablePrompt,
  GenerateInput,
  GenerationStatistics,
  LoadedModel,
  StopReason,
  TemplateChoice,
  TemplateInfo,
  TemplatePreview,
  TokenEvent,
} from './protocol.ts';
import type { AnswerOptions, LoadOptions, OpenRunner, Runner, RunnerTemplates } from './runner.ts';
import { GenerationTimer, nowUs, tokenEvent } from './statistics.ts';

export type GenerationEvent =
  | {
      readonly type: 'prefilled';
      readonly promptTokens: number;
      readonly reusedTokens: number;
      readonly prefillUs: number;
      readonly chunks: readonly PrefillChunk[];
      readonly residentBytes: number;
    }
  | { readonly type: 'token'; readonly token: TokenEvent }
  | {
      readonly type: 'done';
      /**
       * The whole answer. It may end with text that no token event has, because it was held back for a possible stop string or
       * an incomplete character.
       */
      readonly text: string;
      /** The whole thought before it, if there is one. */
      readonly thought?: string;
      /** Ids of the answer without the stop token, if the runner exposes them. */
      readonly tokens: readonly number[];
      readonly reason: StopReason;
      readonly statistics: GenerationStatistics;
    };

type Doing = 'nothing' | 'loading a model' | 'answering' | 'unloading a model';

export class Engine {
  readonly #open: OpenRunner;
  #runner: Runner | undefined;
  #doing: Doing = 'nothing';
  #stopRequested = false;
  #idle: Promise<void> = Promise.resolve();

  constructor(open: OpenRunner) {
    this.#open = open;
  }

  get loaded(): LoadedModel | undefined {
    return this.#runner?.description;
  }

  /**
   * Unloads the earlier model first.
   * @throws EngineFailure
   */
  async load(paths: BundlePaths, options: LoadOptions = {}): Promise<LoadedModel> {
    return await this.#exclusively('loading a model', async () => {
      await this.#close();
      const runner = await this.#open(paths, options);
      this.#runner = runner;
      return runner.description;
    });
  }

  /**
   * Answers a prompt with one event for each token. Leaving the iteration ends the answer. The part of the prompt in the KV
   * cache is not computed again.
   * @throws EngineFailure from the first `next()` on
   */
  async *generate(input: GenerateInput, options: AnswerOptions = {}): AsyncGenerator<GenerationEvent, void, undefined> {
    const timer = new GenerationTimer(nowUs());
    const runner = this.#runner;
    if (this.#doing !== 'nothing') throw failure('busy', { doing: this.#doing });
    if (runner === undefined) throw failure('not-loaded');
    const release = this.#begin('answering');
    try {
      const answer = await runner.read(input, options);
      timer.read(answer.prompt);
      if (!answer.prompt.stopped) {
        const { promptTokens, reusedTokens, prefillUs, chunks } = answer.prompt;
        const residentBytes = process.memoryUsage.rss();
        yield { type: 'prefilled', promptTokens, reusedTokens, prefillUs, chunks, residentBytes };
      }
      const written = new AnswerText(input.stopStrings ?? [], answer.endTexts);
      const ids: number[] = [];
      let generated = 0;
      let reason: StopReason | undefined = answer.prompt.stopped ? 'cancelled' : undefined;
      while (reason === undefined) {
        if (this.#stopped()) {
          reason = 'cancelled';
          break;
        }
        const piece = await answer.next();
        if (piece.kind === 'end') {
          reason = this.#stopped() ? 'cancelled' : 'stop';
          break;
        }
        const firstUs = timer.generated(piece.timings);
        generated++;
        if (piece.id !== undefined) ids.push(piece.id);
        let shown = written.push(piece.said);
        if (written.ended) reason = 'stop';
        else if (generated === input.maxTokens) reason = 'length';
        else if (piece.full) reason = 'context';
        if (reason === 'length' || reason === 'context') shown = join(shown, written.end(answer.remaining()));
        yield { type: 'token', token: tokenEvent(piece, shown, firstUs) };
      }
      written.end(answer.remaining());
      const statistics = timer.finish(answer.contextUsed, runner.description.facts.contextLength);
      yield { type: 'done', ...written.whole, tokens: ids, reason, statistics };
    } catch (error) {
      throw asFailure(error);
    } finally {
      release();
    }
  }

  /**
   * Ids of plain text without BOS; undefined if the runner does not expose ids.
   * @throws EngineFailure `not-loaded`
   */
  encode(text: string): number[] | undefined {
    if (this.#runner === undefined) throw failure('not-loaded');
    return this.#runner.encode?.(text);
  }

  /**
   * The number of tokens in a prompt, also if it does not fit.
   * @throws EngineFailure
   */
  count(prompt: CountablePrompt): number {
    if (this.#runner === undefined) throw failure('not-loaded');
    return this.#runner.count(prompt);
  }

  /**
   * Uses another template for the next prompts. The KV cache needs no reset: reuse compares tokens.
   * @throws EngineFailure `template-invalid`; the earlier template then stays
   */
  setTemplate(choice: TemplateChoice): TemplateInfo {
    const templates = this.#templates();
    if (this.#doing !== 'nothing') throw failure('busy', { doing: this.#doing });
    return templates.set(choice);
  }

  /**
   * The prompt that a template makes of messages.
   * @throws EngineFailure
   */
  previewTemplate(choice: TemplateChoice, messages: readonly ChatMessage[]): TemplatePreview {
    return this.#templates().preview(choice, messages);
  }

  #templates(): RunnerTemplates {
    if (this.#runner === undefined) throw failure('not-loaded');
    if (this.#runner.templates !== undefined) return this.#runner.templates;
    throw failure('template-invalid', {
      reason: 'this model puts conversations into its form by itself.',
      hint: 'Use it as it is.',
    });
  }

  /** Ends the running answer, in prefill and in decoding. Callable at any time, any number of times. */
  stop(): void {
    if (this.#doing !== 'answering') return;
    this.#stopRequested = true;
    this.#runner?.stop();
  }

  /** Stops running work and frees the model. Idempotent. */
  async unload(): Promise<void> {
    this.stop();
    await this.#idle;
    await this.#exclusively('unloading a model', () => this.#close());
  }

  // A method, so that the compiler does not assume a constant flag between two awaits.
  #stopped(): boolean {
    return this.#stopRequested;
  }

  #begin(doing: Doing): () => void {
    if (this.#doing !== 'nothing') throw failure('busy', { doing: this.#doing });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#doing = doing;
    this.#stopRequested = false;
    this.#idle = promise;
    return () => {
      this.#doing = 'nothing';
      resolve(undefined);
    };
  }

  async #exclusively<T>(doing: Doing, task: () => Promise<T>): Promise<T> {
    const release = this.#begin(doing);
    try {
      return await task();
    } finally {
      release();
    }
  }

  async #close(): Promise<void> {
    const runner = this.#runner;
    this.#runner = undefined;
    await runner?.close();
  }
}
