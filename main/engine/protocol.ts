/**
 * The messages between the main process and the engine process. Types suffice, because both come from the same build. One
 * engine process serves one model load. Switching models ends it and forks another.
 */
import type {
  Cage,
  HtpDetails,
  LoadOptions as NativeLoadOptions,
  LoadProgress,
  ModelFacts,
  PrefillChunk,
  QnnLibraries,
  QnnOptions,
  RuntimeInfo,
} from '../../native/index.d.ts';
import type { EngineErrorCode, TemplateChoice, TemplateInfo, TemplatePreview } from '../../preload/contract.ts';

export type { EngineErrorCode, TemplateChoice, TemplateInfo, TemplatePreview };
export type { TemplateFamily } from '../../preload/contract.ts';

export interface SamplingSettings {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly seed?: number;
}

/** A JSON object of a client. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A function that the model may call. Wyvern passes it to the template and never runs it. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters?: JsonObject;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

export interface ChatMessage {
  /** `tool`: the result of a call. */
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** Without the thought. */
  readonly content: string;
  /** Of an answer: the thought before it. The template decides whether the prompt contains it. */
  readonly thought?: string;
  /** Of an answer: the calls in it. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a result: the call and the tool that it belongs to. */
  readonly toolCallId?: string;
  readonly name?: string;
}

/**
 * A resolved model bundle: absolute paths of files that exist. The program of a model from Qualcomm's AI Hub is
 * `genie_config.json`, and its data are the context binaries.
 */
export interface BundlePaths {
  readonly program: string;
  readonly data: readonly string[];
  readonly tokenizer: string;
  readonly tokenizerConfig?: string;
  readonly specialTokensMap?: string;
  readonly addedTokens?: string;
  readonly chatTemplate?: string;
  /** `chat_template.json`. */
  readonly processorTemplate?: string;
  /** Files of `additional_chat_templates/`. */
  readonly additionalTemplates?: readonly string[];
  readonly generationConfig?: string;
  /** `config.json`. */
  readonly config?: string;
  /** The HTP's settings of a model from Qualcomm's AI Hub: `htp_backend_ext_config.json`. */
  readonly htpSettings?: string;
  readonly manifest?: string;
}

/** State that a program keeps from call to call, from pre-flight. */
export type KeptState = NonNullable<NativeLoadOptions['keptState']>;

/** An unused value in a file of a bundle. */
export interface BundleNote {
  /** The file's usual name. */
  readonly file: string;
  /** Absent for the whole file. Then `value` names its fault. */
  readonly field?: string;
  /** As JSON, shortened. */
  readonly value: string;
}

export interface GenerateInput {
  /**
   * The chat template renders `messages`. `text` is raw, with a BOS if the tokenizer asks for one. `tokens` are used unchanged.
   */
  readonly prompt:
    | {
        readonly kind: 'messages';
        readonly messages: readonly ChatMessage[];
        /** The last message is an answer to continue: the prompt ends with its text and no end of turn. */
        readonly continueLast?: boolean;
        /** Whether the model thinks first, if its template has a switch; absent: as the template does by itself. */
        readonly thinking?: boolean;
        /**
         * If the template has no place for a system prompt, the first message begins with it. False: it is left out. Default
         * true.
         */
        readonly systemInFirst?: boolean;
        /** For templates that have a place for tools (`TemplateInfo.tools`); others leave them out. */
        readonly tools?: readonly Tool[];
      }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'tokens'; readonly tokens: readonly number[] };
  readonly sampling: SamplingSettings;
  /** Maximum number of tokens to generate. Absent: until a stop token or the end of the context. */
  readonly maxTokens?: number;
  /** Tokens of the thought after which it is closed, so that the answer begins. 0: no thought. Absent: no limit. */
  readonly maxThoughtTokens?: number;
  /** They end the answer. A thought may contain them. */
  readonly stopStrings?: readonly string[];
}

/** Options of loading and running programs of the NPU. Programs of the CPU ignore them. */
export interface NpuOptions {
  /** Folder of Qualcomm's libraries. Absent: Wyvern searches for it. */
  readonly folder?: string;
  /** Absent: `basic`. */
  readonly profile?: NonNullable<QnnOptions['profile']>;
  /** Absent: the value with which the program was compiled. */
  readonly performance?: NonNullable<QnnOptions['performance']>;
}

/** Qualcomm's libraries in use. */
export interface NpuInUse extends QnnLibraries {
  readonly folder: string;
  /** Source of the part that runs on the NPU: the folder, or the driver if the folder lacks that part. */
  readonly dspPart: 'folder' | 'driver';
  readonly profile: NonNullable<NpuOptions['profile']>;
  readonly performance?: NonNullable<NpuOptions['performance']>;
}

/** The text whose tokens are counted: plain text, or messages with everything that the chat template adds. */
export type CountablePrompt =
  { readonly kind: 'plain'; readonly text: string } | Extract<GenerateInput['prompt'], { kind: 'messages' }>;

export type EngineRequest =
  | {
      readonly type: 'load';
      readonly id: string;
      readonly bundle: BundlePaths;
      /** Operators that the program calls, with overload. If the addon lacks one, the load fails before it begins. */
      readonly operators?: readonly string[];
      /** Backends that the program delegates to, if known. */
      readonly backends?: readonly string[];
      /** Absent: unclear. */
      readonly keptState?: KeptState;
      readonly threads?: number;
      readonly npu?: NpuOptions;
      /** Absent: automatic. */
      readonly template?: TemplateChoice;
    }
  /** Uses another template from now on. The engine answers with `templated`. */
  | { readonly type: 'template'; readonly id: string; readonly choice: TemplateChoice }
  /** The engine answers with `previewed`. */
  | {
      readonly type: 'preview';
      readonly id: string;
      readonly choice: TemplateChoice;
      readonly messages: readonly ChatMessage[];
    }
  | { readonly type: 'generate'; readonly id: string; readonly input: GenerateInput }
  /** The engine answers with `measuring` before each run, then with `measured`. `stop` ends it like an answer. */
  | { readonly type: 'benchmark'; readonly id: string; readonly plan: BenchmarkPlan }
  | { readonly type: 'stop'; readonly id: string }
  /** The engine answers with `counted`, also during an answer. */
  | { readonly type: 'count'; readonly id: string; readonly prompt: CountablePrompt }
  | { readonly type: 'shutdown' };

/** One generated token with its times, µs. A time that the backend does not report is absent, never zero. */
export interface TokenEvent {
  /** Absent if the model's runner does not expose ids. */
  readonly id?: number;
  /** Text of the answer that this token completed. It may be empty while a UTF-8 character or a stop string is incomplete. */
  readonly text: string;
  /** Present, perhaps empty, if the token belongs to a thought: the text of the thought that it completed. */
  readonly thought?: string;
  readonly stepUs: number;
  readonly acceleratorUs?: number;
  readonly backendUs?: number;
  readonly samplingUs: number;
  /** `stepUs` less backend and sampling. */
  readonly hostUs?: number;
  readonly hvxThreads?: number;
  /** Only at the profile level `detailed`. */
  readonly htp?: HtpDetails;
  /**
   * Set if prompt lookup drafted this token and the model accepted it: the logits came from the step of an earlier token, so
   * `stepUs` is the time of sampling.
   */
  readonly accepted?: true;
  /** On the first token of an answer: from the request's arrival in the engine; loading excluded. */
  readonly timeToFirstTokenUs?: number;
}

export type StopReason = 'stop' | 'length' | 'context' | 'cancelled';

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Figures of one answer. Names follow ExecuTorch's `Stats`; µs on a steady clock, rates per second. */
export interface GenerationStatistics {
  readonly promptTokens: number;
  /** Prompt tokens that were in the KV cache from the turn before and were not prefilled again. */
  readonly reusedTokens: number;
  readonly generatedTokens: number;
  /** Of the generated tokens, those that prompt lookup drafted and the model accepted. Absent if there are none. */
  readonly acceptedTokens?: number;
  readonly encodeUs: number;
  /** From the request's arrival in the engine to the first sampled token, without loading; absent if no token was sampled. */
  readonly timeToFirstTokenUs?: number;
  readonly prefillUs: number;
  /** Newly prefilled tokens per second. Absent if there were none. */
  readonly prefillRate?: number;
  /** Tokens after the first per second of decoding. Absent for fewer than two tokens. */
  readonly decodeRate?: number;
  readonly prefillChunks: readonly PrefillChunk[];
  /** Of tokens with a step of their own. */
  readonly stepUs?: Percentiles;
  readonly acceleratorUs?: Percentiles;
  readonly hvxThreads?: number;
  readonly contextUsed: number;
  readonly contextLength: number;
  readonly residentBytes: number;
}

/** Facts of a model: those that every runner reports, and those that only some report. */
type LoadedFacts = Pick<ModelFacts, 'backends' | 'contextLength' | 'loadUs'> & Partial<ModelFacts>;

/** A benchmark: `runs` times a prompt and an answer of these lengths. */
export interface BenchmarkPlan {
  readonly promptTokens: number;
  readonly tokens: number;
  readonly runs: number;
}

/** Over all runs. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Results of a benchmark. A figure that the backend does not report is absent. Times in µs, rates per second. */
export interface BenchmarkFigures extends BenchmarkPlan {
  readonly prefillRate?: Spread;
  readonly decodeRate?: Spread;
  readonly timeToFirstTokenUs?: Spread;
  /** Of the last run. */
  readonly stepUs?: Percentiles;
  readonly acceleratorUs?: Percentiles;
  /** The accelerator's share of the time of all tokens. */
  readonly acceleratorShare?: number;
  readonly residentBytes: number;
}

/** The loaded model, for the window and the command line. */
export interface LoadedModel {
  readonly name: string;
  readonly facts: LoadedFacts;
  /** Of programs of ExecuTorch. */
  readonly runtime?: RuntimeInfo;
  /** Absent if the model's runner tokenises by itself. */
  readonly tokenizer?: { readonly kind: 'sentencepiece' | 'tiktoken' | 'huggingface'; readonly vocabSize: number };
  readonly chatTemplate: TemplateInfo;
  /** Texts of the control tokens that end an answer. */
  readonly stopTokens: readonly string[];
  /** Values in the bundle's files that were not used. */
  readonly notes: readonly BundleNote[];
  readonly license?: string;
  readonly residentBytes: number;
  /** For programs of the NPU. */
  readonly npu?: NpuInUse;
  /** The cage of the engine process; absent where a process does other work too, as the command line does. */
  readonly cage?: Cage;
}

/** Every expected failure of the engine. `main/engine/errors.ts` has the sentence and the next step of each. */
export interface EngineError {
  readonly code: EngineErrorCode;
  /** What happened and why, in one or two sentences. */
  readonly message: string;
  /** What the person can do next. */
  readonly hint?: string;
}

export type EngineEvent =
  | { readonly type: 'ready' }
  | { readonly type: 'loading'; readonly id: string; readonly progress: LoadProgress }
  | { readonly type: 'loaded'; readonly id: string; readonly model: LoadedModel }
  /** A part of the prompt is in the KV cache. */
  | { readonly type: 'prefilling'; readonly id: string; readonly chunk: PrefillChunk }
  /** The prompt is in the KV cache, and generation starts. */
  | {
      readonly type: 'prefilled';
      readonly id: string;
      readonly promptTokens: number;
      readonly reusedTokens: number;
      readonly prefillUs: number;
      readonly chunks: readonly PrefillChunk[];
      /** Of this process, after the prefill. */
      readonly residentBytes: number;
    }
  /** One or more tokens in order, joined to keep the number of messages low. */
  | { readonly type: 'tokens'; readonly id: string; readonly tokens: readonly TokenEvent[] }
  | {
      readonly type: 'done';
      readonly id: string;
      readonly text: string;
      /** The thought before the answer, if there is one. */
      readonly thought?: string;
      readonly tokens: readonly number[];
      readonly reason: StopReason;
      readonly statistics: GenerationStatistics;
    }
  /** Run 0 does not count. */
  | { readonly type: 'measuring'; readonly id: string; readonly run: number }
  /** Has no figures if the benchmark was stopped. */
  | { readonly type: 'measured'; readonly id: string; readonly figures?: BenchmarkFigures }
  | { readonly type: 'templated'; readonly id: string; readonly template: TemplateInfo }
  | { readonly type: 'previewed'; readonly id: string; readonly preview: TemplatePreview }
  | { readonly type: 'counted'; readonly id: string; readonly tokens: number }
  | { readonly type: 'failed'; readonly id: string; readonly error: EngineError }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warning' | 'error'; readonly message: string };
