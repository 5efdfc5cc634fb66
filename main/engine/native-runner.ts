/**
 * Runs ExecuTorch programs, and context binaries of Qualcomm's AI Hub. Tokenizer, chat template and the KV cache's prefix are
 * here; the addon runs single steps in its own thread.
 */
import type { LoadOptions as NativeLoadOptions, Model, PrefillChunk } from '../../native/index.d.ts';
import type { Addon } from './addon.ts';
import { answerReader, type AnswerReader } from './answer-reader.ts';
import { join } from './answer-text.ts';
import { asFailure, EngineFailure, failure } from './errors.ts';
import { isGenie } from './genie/config.ts';
import { checkContexts, contextsOf } from './genie/contexts.ts';
import { performanceOf } from './genie/htp-settings.ts';
import { checkVocabulary, openBundle, promptEncoder, type OpenBundle } from './open-bundle.ts';
import { recyclesSlots, requireOperators } from './operators.ts';
import { chooseTemplate } from './chat-templates/choose.ts';
import { encodePrompt, renderMessages, type PromptEncoder } from './prompt.ts';
import type {
  BundleNote,
  BundlePaths,
  ChatMessage,
  CountablePrompt,
  GenerateInput,
  LoadedModel,
  NpuInUse,
  NpuOptions,
  TemplateChoice,
  TemplatePreview,
} from './protocol.ts';
import { prepareQnn } from './qnn.ts';
import type {
  AnswerOptions,
  AnswerPiece,
  LoadOptions,
  MeasuringOptions,
  OpenRunner,
  Runner,
  RunnerTemplates,
  RunningAnswer,
} from './runner.ts';
import { nowUs } from './statistics.ts';
import type { Said } from './thoughts/reader.ts';

/** The native thread loads the program while this thread reads the tokenizer. */
export function nativeRunners(addon: Addon): OpenRunner {
  return async (paths, { npu: npuOptions, operators = [], backends = [], ...options }) => {
    requireOperators(addon, paths.program, operators);
    try {
      const contexts = isGenie(paths.program) ? await contextsOf(paths) : undefined;
      const npu = prepareQnn(
        addon,
        backends,
        contexts === undefined ? npuOptions : await contextsNpu(paths, npuOptions),
      );
      if (contexts !== undefined) checkContexts(addon, contexts, npu);
      const load = {
        ...options,
        ...(contexts === undefined ? { recyclesSlots: recyclesSlots(operators) } : { contexts }),
      };
      return await open(addon, paths, load, npu);
    } catch (error) {
      throw asFailure(error, paths.program);
    }
  };
}

/** The mode in the bundle's own settings counts if the person chose none, as a program's own mode does. */
async function contextsNpu(paths: BundlePaths, asked: NpuOptions = {}): Promise<Parameters<typeof prepareQnn>[2]> {
  const performance = asked.performance ?? (await performanceOf(paths.htpSettings));
  return { ...asked, ...(performance === undefined ? {} : { performance }), onlyContexts: true };
}

async function open(
  addon: Addon,
  paths: BundlePaths,
  {
    template,
    ...options
  }: Pick<LoadOptions, 'threads' | 'warmUp' | 'keptState' | 'onProgress' | 'template'> &
    Pick<NativeLoadOptions, 'recyclesSlots' | 'contexts'>,
  npu: NpuInUse | undefined,
): Promise<Runner> {
  const loading = addon.Model.load({ programPath: paths.program, dataPaths: paths.data, ...options }).catch(
    (error: unknown) => {
      throw asFailure(error, paths.program);
    },
  );
  const [opened, model] = await Promise.allSettled([openBundle(addon, paths, template), loading]);
  try {
    if (opened.status === 'rejected') throw opened.reason;
    if (model.status === 'rejected') throw model.reason;
    checkVocabulary(opened.value.tokenizer, model.value.facts.vocabSize);
    return new NativeRunner(addon, opened.value, model.value, npu);
  } catch (error) {
    if (model.status === 'fulfilled') await model.value.close();
    throw asFailure(error, paths.program);
  }
}

class NativeRunner implements Runner {
  readonly templates: RunnerTemplates;
  readonly #addon: Addon;
  readonly #model: Model;
  #description: LoadedModel;
  #bundle: OpenBundle;
  #encoder: PromptEncoder;
  readonly #stopIds: ReadonlySet<number>;
  /** Ids in the KV cache, in order. Their number is the model's position. */
  #resident: number[] = [];

  constructor(addon: Addon, bundle: OpenBundle, model: Model, npu: NpuInUse | undefined) {
    this.#addon = addon;
    this.#bundle = bundle;
    this.#model = model;
    this.#encoder = promptEncoder(bundle, model.facts);
    // The bundle's files may name ids for which the model has no logits. The model never generates them.
    this.#stopIds = new Set(
      [...bundle.stopIds, ...(model.facts.eosIds ?? [])].filter((id) => id >= 0 && id < model.facts.vocabSize),
    );
    this.#description = describe(addon, bundle, model, this.#stopIds, npu);
    this.templates = {
      set: (choice) => {
        const changed = withTemplate(this.#bundle, choice);
        // Renders the simplest chat once: a template that fails on it would fail on every chat.
        preview(changed, model, [{ role: 'user', content: 'Hi' }]);
        this.#bundle = changed;
        this.#encoder = promptEncoder(changed, model.facts);
        this.#description = { ...this.#description, chatTemplate: changed.chosen.info };
        return changed.chosen.info;
      },
      preview: (choice, messages) => preview(withTemplate(this.#bundle, choice), model, messages),
    };
  }

  get description(): LoadedModel {
    return this.#description;
  }

  async read(input: GenerateInput, { onChunk, ...measuring }: AnswerOptions): Promise<RunningAnswer> {
    const startUs = nowUs();
    const sampler = this.#sampler(input);
    const prompt = encodePrompt(this.#encoder, input.prompt);
    const encodeUs = nowUs() - startUs;
    const { contextLength } = this.#model.facts;
    if (prompt.length >= contextLength) throw failure('prompt-too-long', { tokens: prompt.length, contextLength });
    return await this.#trusting(async () => {
      const reusedTokens = measuring.fromEmptyCache === true ? 0 : this.#reusable(prompt);
      this.#model.seek(reusedTokens);
      this.#resident.length = reusedTokens;
      const prefillStartUs = nowUs();
      const tokens = Int32Array.from(prompt.slice(reusedTokens));
      const { chunks, position, stopped } = await this.#model.prefill(tokens, onChunk);
      const prefillUs = nowUs() - prefillStartUs;
      this.#resident = prompt.slice(0, position);
      return this.#answer(
        { promptTokens: prompt.length, reusedTokens, encodeUs, prefillUs, chunks, stopped },
        sampler,
        input,
        prompt,
        measuring,
      );
    });
  }

  /** The number of resident tokens that a prompt begins with and that need not be computed again. */
  #reusable(prompt: readonly number[]): number {
    // The last token of the prompt always runs again: its logits choose the first token of the answer.
    const common = Math.min(commonLength(this.#resident, prompt), prompt.length - 1);
    return this.#model.facts.rewinds || common === this.#resident.length ? common : 0;
  }

  count(prompt: CountablePrompt): number {
    if (prompt.kind === 'plain') return this.encode(prompt.text.toWellFormed()).length;
    return encodePrompt(this.#encoder, prompt).length;
  }

  encode(text: string): number[] {
    return this.#bundle.tokenizer.encode(text, { specialTokens: false });
  }

  stop(): void {
    this.#model.stop();
  }

  async close(): Promise<void> {
    await this.#model.close();
  }

  #answer(
    prompt: RunningAnswer['prompt'],
    sampler: InstanceType<Addon['Sampler']>,
    input: GenerateInput,
    ids: readonly number[],
    { ignoreStopTokens, promptLookup }: MeasuringOptions,
  ): RunningAnswer {
    const stopIds = ignoreStopTokens === true ? new Set() : this.#stopIds;
    const options = promptLookup === undefined ? {} : { promptLookup };
    const reader = answerReader(this.#bundle, input, ids);
    const contextUsed = (): number => this.#resident.length;
    let previous: number | undefined;
    let thoughtTokens = 0;
    const next = async (): Promise<AnswerPiece> =>
      await this.#trusting(async () => {
        const isFull = reader.thinking && thoughtTokens >= (input.maxThoughtTokens ?? Infinity);
        const closed = isFull ? await this.#closeThought(reader, previous) : undefined;
        if (closed !== undefined) previous = undefined;
        if (closed?.stopped === true) return { kind: 'end' };
        const { token, position, ...step } = await this.#model.next(sampler, options);
        if (previous !== undefined) this.#resident.push(previous);
        if (stopIds.has(token)) return { kind: 'end' };
        previous = token;
        const full = position >= this.#model.facts.contextLength;
        const read = reader.push(token);
        if (read.thought !== undefined) thoughtTokens++;
        const said = closed === undefined ? read : join(closed.said, read);
        const timings = closed === undefined ? step : withChunks(step, closed.chunks);
        return { kind: 'token', id: token, said, timings, full };
      });
    return {
      prompt,
      endTexts: [
        ...this.#bundle.stopStrings,
        ...(input.prompt.kind === 'messages' ? this.#bundle.chosen.endTexts : []),
      ],
      next,
      remaining: () => reader.flush(),
      get contextUsed() {
        return contextUsed();
      },
    };
  }

  /**
   * Ends a thought that has used its budget: the model reads the closing mark and then begins its answer. Undefined if the
   * context has no room for that.
   * @param previous the last sampled token, which is not in the KV cache yet
   */
  async #closeThought(
    reader: AnswerReader,
    previous: number | undefined,
  ): Promise<{ readonly said: Said; readonly chunks: readonly PrefillChunk[]; readonly stopped: boolean } | undefined> {
    const { tokenizer } = this.#encoder;
    const ids = tokenizer.encodeSections(tokenizer.sections(reader.closing));
    const tokens = previous === undefined ? ids : [previous, ...ids];
    const resident = this.#resident.length;
    if (tokens.length === 0 || resident + tokens.length >= this.#model.facts.contextLength) return undefined;
    this.#model.seek(resident);
    const { chunks, position, stopped } = await this.#model.prefill(Int32Array.from(tokens));
    // A model that does not rewind may stop while it reads earlier tokens again.
    this.#resident = [...this.#resident, ...tokens].slice(0, position);
    return { said: reader.close(), chunks, stopped };
  }

  #sampler(input: GenerateInput): InstanceType<Addon['Sampler']> {
    try {
      return new this.#addon.Sampler(input.sampling);
    } catch (error) {
      throw failure('option-invalid', { reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The KV cache is unreliable after a failed step, but not after a request that we refused before the model got it. */
  async #trusting<T>(pass: () => Promise<T>): Promise<T> {
    try {
      return await pass();
    } catch (error) {
      if (!(error instanceof EngineFailure)) this.#resident = [];
      throw asFailure(error);
    }
  }
}

function describe(
  addon: Addon,
  bundle: OpenBundle,
  model: Model,
  stopIds: ReadonlySet<number>,
  npu: NpuInUse | undefined,
): LoadedModel {
  const { name, tokenizer, manifest, chosen } = bundle;
  return {
    name,
    facts: model.facts,
    runtime: addon.runtimeInfo(),
    tokenizer: { kind: tokenizer.kind, vocabSize: tokenizer.vocabSize },
    chatTemplate: chosen.info,
    stopTokens: [...stopIds].map((id) => tokenizer.literal(id)).filter((literal) => literal !== undefined),
    notes: [...bundle.notes, ...performanceNotes(model.facts, npu)],
    ...(manifest?.license === undefined ? {} : { license: manifest.license }),
    residentBytes: process.memoryUsage.rss(),
    ...(npu === undefined ? {} : { npu }),
  };
}

function performanceNotes(
  { performanceFault: fault }: Model['facts'],
  npu: NpuInUse | undefined,
): readonly BundleNote[] {
  if (fault === undefined) return [];
  return [{ file: 'QNN', value: `the performance mode “${npu?.performance ?? 'default'}” is not set: ${fault}` }];
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
  const parts = renderMessages(encoder, template, { messages }).map((section) =>
    section.kind === 'text'
      ? { text: section.text, control: false }
      : { text: bundle.tokenizer.literal(section.id) ?? '', control: true },
  );
  return { info, template: template.text, parts, tokens };
}

type TokenTimings = Extract<AnswerPiece, { kind: 'token' }>['timings'];

/** The step of the first token after a closed thought contains the prefill of the closing mark. */
function withChunks(step: TokenTimings, chunks: readonly PrefillChunk[]): TokenTimings {
  const sum = (name: 'wallUs' | 'backendUs' | 'acceleratorUs'): object => {
    const parts = chunks.map((chunk) => chunk[name]).filter((us) => us !== undefined);
    return parts.length === 0 ? {} : { [name]: parts.reduce((all, us) => all + us, step[name] ?? 0) };
  };
  return { ...step, ...sum('wallUs'), ...sum('backendUs'), ...sum('acceleratorUs') };
}
