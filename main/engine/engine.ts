/** One model, loaded and generating. The native addon runs single steps on its own thread; the loop is here. */
import type { LoadProgress, Model, PrefillChunk } from '../../native/index.d.ts';
import type { Addon } from './addon.ts';
import { asFailure, EngineFailure, failure } from './errors.ts';
import { checkVocabulary, openBundle, promptEncoder, type OpenBundle } from './open-bundle.ts';
import { chooseTemplate } from './chat-templates/choose.ts';
import { encodePrompt, renderMessages, type PromptEncoder } from './prompt.ts';
import type {
  BundlePaths,
  ChatMessage,
  CountablePrompt,
  GenerateInput,
  GenerationStatistics,
  LoadedModel,
  NpuInUse,
  NpuOptions,
  StopReason,
  TemplateChoice,
  TemplateInfo,
  TemplatePreview,
  TokenEvent,
} from './protocol.ts';
import { requireOperators } from './operators.ts';
import { prepareQnn } from './qnn.ts';
import { GenerationTimer, nowUs, tokenEvent } from './statistics.ts';
import { StopStrings } from './stop-strings.ts';
import type { TokenDecoder } from './tokenizer/tokenizer.ts';

export interface LoadOptions {
  /** That the program calls, as far as they are known: checked before anything of it is loaded. */
  readonly operators?: readonly string[];
  readonly threads?: number;
  /** Default true. False spares the first step where nothing will be generated. */
  readonly warmUp?: boolean;
  readonly npu?: NpuOptions;
  /** Absent: automatic. */
  readonly template?: TemplateChoice;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** What only measurements ask for. */
export interface MeasuringOptions {
  /** Compute the whole prompt again, whatever the KV cache holds. */
  readonly fromEmptyCache?: boolean;
  /** Go on past stop tokens, to `maxTokens`. */
  readonly ignoreStopTokens?: boolean;
}

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
      /** Ids of the answer; the stop token is not among them. */
      readonly tokens: readonly number[];
      readonly reason: StopReason;
      readonly statistics: GenerationStatistics;
    };

interface Loaded {
  readonly model: Model;
  readonly bundle: OpenBundle;
  readonly encoder: PromptEncoder;
  readonly stopIds: ReadonlySet<number>;
  readonly description: LoadedModel;
  /** Ids in the KV cache, in order: as many as `model.position`. */
  resident: number[];
}

type Doing = 'nothing' | 'loading a model' | 'answering' | 'unloading a model';

export class Engine {
  readonly #addon: Addon;
  #loaded: Loaded | undefined;
  #doing: Doing = 'nothing';
  #stopRequested = false;
  #idle: Promise<void> = Promise.resolve();

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  get loaded(): LoadedModel | undefined {
    return this.#loaded?.description;
  }

  /**
   * Loads the program on the native thread while the tokenizer is read here. A model loaded before is closed first.
   * @throws EngineFailure
   */
  async load(paths: BundlePaths, options: LoadOptions = {}): Promise<LoadedModel> {
    return await this.#exclusively('loading a model', async () => {
      await this.#close();
      const { npu: npuOptions, operators = [], template, ...loadOptions } = options;
      requireOperators(this.#addon, paths.program, operators);
      const npu = await prepareQnn(this.#addon, paths.program, npuOptions).catch((error: unknown) => {
        throw asFailure(error, paths.program);
      });
      const loading = this.#addon.Model.load({
        programPath: paths.program,
        dataPaths: paths.data,
        ...loadOptions,
      }).catch((error: unknown) => {
        throw asFailure(error, paths.program);
      });
      const [opened, model] = await Promise.allSettled([openBundle(this.#addon, paths, template), loading]);
      try {
        if (opened.status === 'rejected') throw opened.reason;
        if (model.status === 'rejected') throw model.reason;
        checkVocabulary(opened.value.tokenizer.vocabSize, model.value.facts.vocabSize);
        this.#loaded = loadedModel(this.#addon, opened.value, model.value, npu);
        return this.#loaded.description;
      } catch (error) {
        if (model.status === 'fulfilled') await model.value.close();
        throw asFailure(error, paths.program);
      }
    });
  }

  /**
   * Answers a prompt, one event a token. Leaving the iteration early ends the answer. Of the prompt, what the KV cache
   * already holds from the turn before is not computed again.
   * @throws EngineFailure from the first `next()` on
   */
  async *generate(
    input: GenerateInput,
    measuring: MeasuringOptions = {},
  ): AsyncGenerator<GenerationEvent, void, undefined> {
    const timer = new GenerationTimer(nowUs());
    const loaded = this.#loaded;
    if (this.#doing !== 'nothing') throw failure('busy', { doing: this.#doing });
    if (loaded === undefined) throw failure('not-loaded');
    const release = this.#begin('answering');
    const { model } = loaded;
    const { contextLength } = model.facts;
    try {
      const sampler = this.#sampler(input);
      const prompt = encodePrompt(loaded.encoder, input.prompt);
      timer.encoded(prompt.length);
      if (prompt.length >= contextLength) throw failure('prompt-too-long', { tokens: prompt.length, contextLength });

      // The last token of the prompt always runs again: its logits choose the first token of the answer.
      const reused =
        measuring.fromEmptyCache === true ? 0 : Math.min(commonLength(loaded.resident, prompt), prompt.length - 1);
      model.seek(reused);
      loaded.resident.length = reused;
      const prefillStartUs = nowUs();
      const prefill = await model.prefill(Int32Array.from(prompt.slice(reused)));
      const prefillUs = nowUs() - prefillStartUs;
      loaded.resident = prompt.slice(0, prefill.position);
      timer.prefilled(prefill, reused, prefillUs);
      if (!prefill.stopped) {
        const { chunks } = prefill;
        const residentBytes = process.memoryUsage.rss();
        const promptTokens = prompt.length;
        yield { type: 'prefilled', promptTokens, reusedTokens: reused, prefillUs, chunks, residentBytes };
      }

      const decoder = answerDecoder(loaded.bundle, input);
      const stops = new StopStrings([...(input.stopStrings ?? []), ...endTexts(loaded.bundle, input)]);
      const stopIds = measuring.ignoreStopTokens === true ? new Set() : loaded.stopIds;
      const tokens: number[] = [];
      let text = '';
      let reason: StopReason | undefined = prefill.stopped ? 'cancelled' : undefined;
      while (reason === undefined) {
        if (this.#stopped()) {
          reason = 'cancelled';
          break;
        }
        const previous = tokens.at(-1);
        const step = await model.next(sampler);
        if (previous !== undefined) loaded.resident.push(previous);
        if (stopIds.has(step.token)) {
          reason = 'stop';
          break;
        }
        const firstUs = timer.generated(step);
        tokens.push(step.token);
        let shown = stops.push(decoder.push(step.token));
        if (stops.matched) reason = 'stop';
        else if (tokens.length === input.maxTokens) reason = 'length';
        else if (step.position >= contextLength) reason = 'context';
        if (reason === 'length' || reason === 'context') shown += stops.push(decoder.flush()) + stops.flush();
        text += shown;
        yield { type: 'token', token: tokenEvent(step, shown, firstUs) };
      }
      text += stops.push(decoder.flush()) + stops.flush();
      const statistics = timer.finish(loaded.resident.length, contextLength);
      yield { type: 'done', text, tokens, reason, statistics };
    } catch (error) {
      // After a failed pass the cache cannot be trusted; what we refuse ourselves never reached the model.
      if (!(error instanceof EngineFailure)) loaded.resident = [];
      throw asFailure(error);
    } finally {
      release();
    }
  }

  /**
   * Ids of plain text, without what comes before a prompt.
   * @throws EngineFailure `not-loaded`
   */
  encode(text: string): number[] {
    if (this.#loaded === undefined) throw failure('not-loaded');
    return this.#loaded.bundle.tokenizer.encode(text, { specialTokens: false });
  }

  /**
   * How many tokens a prompt has, whether it fits or not.
   * @throws EngineFailure
   */
  count(prompt: CountablePrompt): number {
    if (this.#loaded === undefined) throw failure('not-loaded');
    if (prompt.kind === 'plain') return this.encode(prompt.text.toWellFormed()).length;
    return encodePrompt(this.#loaded.encoder, prompt).length;
  }

  /**
   * Prompts with another template from now on. What the KV cache holds of the old form is found out by its tokens.
   * @throws EngineFailure `template-invalid` for what is no template; the one before stays.
   */
  setTemplate(choice: TemplateChoice): TemplateInfo {
    const loaded = this.#loaded;
    if (loaded === undefined) throw failure('not-loaded');
    if (this.#doing !== 'nothing') throw failure('busy', { doing: this.#doing });
    const bundle = withTemplate(loaded.bundle, choice);
    // It has to render once: a template that fails on the simplest of chats would fail on all.
    preview(bundle, loaded.model, [{ role: 'user', content: 'Hi' }]);
    this.#loaded = {
      ...loaded,
      bundle,
      encoder: promptEncoder(bundle, loaded.model.facts),
      description: { ...loaded.description, chatTemplate: bundle.chosen.info },
    };
    return bundle.chosen.info;
  }

  /**
   * What a template would make of some messages.
   * @throws EngineFailure
   */
  previewTemplate(choice: TemplateChoice, messages: readonly ChatMessage[]): TemplatePreview {
    if (this.#loaded === undefined) throw failure('not-loaded');
    return preview(withTemplate(this.#loaded.bundle, choice), this.#loaded.model, messages);
  }

  /** Ends the answer that is being made, in prefill and in decoding; callable at any time, any number of times. */
  stop(): void {
    if (this.#doing !== 'answering') return;
    this.#stopRequested = true;
    this.#loaded?.model.stop();
  }

  /** Stops what is running and frees the model. Idempotent. */
  async unload(): Promise<void> {
    this.stop();
    await this.#idle;
    await this.#exclusively('unloading a model', () => this.#close());
  }

  #sampler(input: GenerateInput): InstanceType<Addon['Sampler']> {
    try {
      return new this.#addon.Sampler(input.sampling);
    } catch (error) {
      throw failure('option-invalid', { reason: error instanceof Error ? error.message : String(error) });
    }
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
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.model.close();
  }
}

function loadedModel(addon: Addon, bundle: OpenBundle, model: Model, npu: NpuInUse | undefined): Loaded {
  const { tokenizer, manifest } = bundle;
  const stopIds = new Set([...bundle.stopIds, ...(model.facts.eosIds ?? [])]);
  return {
    model,
    bundle,
    encoder: promptEncoder(bundle, model.facts),
    stopIds,
    resident: [],
    description: {
      name: bundle.name,
      facts: model.facts,
      runtime: addon.runtimeInfo(),
      tokenizer: { kind: tokenizer.kind, vocabSize: tokenizer.vocabSize },
      chatTemplate: bundle.chosen.info,
      stopTokens: [...stopIds].map((id) => tokenizer.literal(id)).filter((literal) => literal !== undefined),
      ...(manifest?.license === undefined ? {} : { license: manifest.license }),
      residentBytes: process.memoryUsage.rss(),
      ...(npu === undefined ? {} : { npu }),
    },
  };
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  const shorter = Math.min(a.length, b.length);
  let length = 0;
  while (length < shorter && a[length] === b[length]) length++;
  return length;
}

function withTemplate(bundle: OpenBundle, choice: TemplateChoice): OpenBundle {
  return { ...bundle, chosen: chooseTemplate(choice, bundle.templateSources) };
}

function preview(bundle: OpenBundle, model: Model, messages: readonly ChatMessage[]): TemplatePreview {
  const { info, template } = bundle.chosen;
  const encoder = promptEncoder(bundle, model.facts);
  const tokens = encodePrompt(encoder, { kind: 'messages', messages }).length;
  if (template === undefined) {
    return { info, parts: [{ text: messages.at(-1)?.content ?? '', control: false }], tokens };
  }
  const parts = renderMessages(encoder, template, messages).map((section) =>
    section.kind === 'text'
      ? { text: section.text, control: false }
      : { text: bundle.tokenizer.literal(section.id) ?? '', control: true },
  );
  return { info, template: template.text, parts, tokens };
}

/** What ends an answer of a chat without being a token. */
function endTexts({ chosen }: OpenBundle, { prompt }: GenerateInput): readonly string[] {
  return prompt.kind === 'messages' ? chosen.endTexts : [];
}

/** In a chat the space that a SentencePiece answer begins with belongs to the notation, not to the answer. */
function answerDecoder({ tokenizer, chosen: { template } }: OpenBundle, input: GenerateInput): TokenDecoder {
  const decoder = tokenizer.decoder();
  const { prompt } = input;
  if (prompt.kind !== 'messages' || template === undefined || !tokenizer.addsDummyPrefix) return decoder;
  // What continues a text may begin with a space of its own.
  if (prompt.continueLast === true) return decoder;
  let atStart = true;
  const strip = (text: string): string => {
    if (!atStart || text === '') return text;
    atStart = false;
    return text.startsWith(' ') ? text.slice(1) : text;
  };
  return { push: (id) => strip(decoder.push(id)), flush: () => strip(decoder.flush()) };
}
