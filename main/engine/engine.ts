/** One model, loaded and answering: what is done when, stop strings, the events of an answer and its figures. */
import type { PrefillChunk } from '../../native/index.d.ts';
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
import { StopStrings } from './stop-strings.ts';

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
       * The whole answer. It may end with text that no token event carried: what was held back for a stop string or an
       * unfinished character until a stop token ended the answer.
       */
      readonly text: string;
      /** Ids of the answer, as far as its runner tells them; the stop token is not among them. */
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
   * A model loaded before is closed first.
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
   * Answers a prompt, one event a token. Leaving the iteration early ends the answer. Of the prompt, what the KV cache
   * already holds from the turn before is not computed again.
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
      const stops = new StopStrings([...(input.stopStrings ?? []), ...answer.endTexts]);
      const ids: number[] = [];
      let generated = 0;
      let text = '';
      let reason: StopReason | undefined = answer.prompt.stopped ? 'cancelled' : undefined;
      while (reason === undefined) {
        if (this.#stopped()) {
          reason = 'cancelled';
          break;
        }
        const piece = await answer.next();
        if (piece.kind === 'end') {
          reason = 'stop';
          break;
        }
        const firstUs = timer.generated(piece.timings);
        generated++;
        if (piece.id !== undefined) ids.push(piece.id);
        let shown = stops.push(piece.text);
        if (stops.matched) reason = 'stop';
        else if (generated === input.maxTokens) reason = 'length';
        else if (piece.full) reason = 'context';
        if (reason === 'length' || reason === 'context') shown += stops.push(answer.remaining()) + stops.flush();
        text += shown;
        yield { type: 'token', token: tokenEvent(piece, shown, firstUs) };
      }
      text += stops.push(answer.remaining()) + stops.flush();
      const statistics = timer.finish(answer.contextUsed, runner.description.facts.contextLength);
      yield { type: 'done', text, tokens: ids, reason, statistics };
    } catch (error) {
      throw asFailure(error);
    } finally {
      release();
    }
  }

  /**
   * Ids of plain text, without what comes before a prompt; undefined where the model's runner keeps its ids to itself.
   * @throws EngineFailure `not-loaded`
   */
  encode(text: string): number[] | undefined {
    if (this.#runner === undefined) throw failure('not-loaded');
    return this.#runner.encode?.(text);
  }

  /**
   * How many tokens a prompt has, whether it fits or not.
   * @throws EngineFailure
   */
  count(prompt: CountablePrompt): number {
    if (this.#runner === undefined) throw failure('not-loaded');
    return this.#runner.count(prompt);
  }

  /**
   * Prompts with another template from now on. What the KV cache holds of the old form is found out by its tokens.
   * @throws EngineFailure `template-invalid` for what is no template; the one before stays.
   */
  setTemplate(choice: TemplateChoice): TemplateInfo {
    const templates = this.#templates();
    if (this.#doing !== 'nothing') throw failure('busy', { doing: this.#doing });
    return templates.set(choice);
  }

  /**
   * What a template would make of some messages.
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

  /** Ends the answer that is being made, in prefill and in decoding; callable at any time, any number of times. */
  stop(): void {
    if (this.#doing !== 'answering') return;
    this.#stopRequested = true;
    this.#runner?.stop();
  }

  /** Stops what is running and frees the model. Idempotent. */
  async unload(): Promise<void> {
    this.stop();
    await this.#idle;
    await this.#exclusively('unloading a model', () => this.#close());
  }

  // A method, so that the compiler does not take the flag for constant between two awaits.
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
