/**
 * What the main process and the engine process say to each other. Types suffice: both come from the same build.
 * One engine process serves one model load; switching models ends it and forks another.
 */
import type {
  HtpDetails,
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

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A model bundle, resolved: absolute paths, checked to exist. */
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
  readonly manifest?: string;
}

/** A value in a file of a bundle that was not used. */
export interface BundleNote {
  /** The file's usual name. */
  readonly file: string;
  /** Absent: the file as a whole, and `value` says what is wrong with it. */
  readonly field?: string;
  /** As JSON, shortened. */
  readonly value: string;
}

export interface GenerateInput {
  /** `messages` goes through the chat template; `text` is sent raw (BOS added where the tokenizer asks for it); `tokens` exactly so. */
  readonly prompt:
    | {
        readonly kind: 'messages';
        readonly messages: readonly ChatMessage[];
        /** The last message is an answer to go on with: the prompt ends with its text, open. */
        readonly continueLast?: boolean;
      }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'tokens'; readonly tokens: readonly number[] };
  readonly sampling: SamplingSettings;
  /** Most tokens to generate; absent: until a stop token or the end of the context. */
  readonly maxTokens?: number;
  readonly stopStrings?: readonly string[];
}

/** How a program of the NPU is loaded and run; programs of the CPU pass it over. */
export interface NpuOptions {
  /** Folder of Qualcomm's libraries; absent: looked for. */
  readonly folder?: string;
  /** Absent: `basic`. */
  readonly profile?: NonNullable<QnnOptions['profile']>;
  /** Absent: as the program was compiled. */
  readonly performance?: NonNullable<QnnOptions['performance']>;
}

/** Qualcomm's libraries as they run now. */
export interface NpuInUse extends QnnLibraries {
  readonly folder: string;
  /** Where the part that runs on the NPU comes from: the folder, or the driver where the folder has none of it. */
  readonly dspPart: 'folder' | 'driver';
  readonly profile: NonNullable<NpuOptions['profile']>;
  readonly performance?: NonNullable<NpuOptions['performance']>;
}

/** What tokens are counted of: plain text as it stands, or messages with all that the chat template adds. */
export type CountablePrompt =
  { readonly kind: 'plain'; readonly text: string } | Extract<GenerateInput['prompt'], { kind: 'messages' }>;

export type EngineRequest =
  | {
      readonly type: 'load';
      readonly id: string;
      readonly bundle: BundlePaths;
      /** That the program calls, with overload; one that the addon lacks ends the load before it has begun. */
      readonly operators?: readonly string[];
      /** That the program delegates to, as far as they are known. */
      readonly backends?: readonly string[];
      readonly threads?: number;
      readonly npu?: NpuOptions;
      /** Absent: automatic. */
      readonly template?: TemplateChoice;
    }
  /** Prompts with another template from now on; answered by `templated`. */
  | { readonly type: 'template'; readonly id: string; readonly choice: TemplateChoice }
  /** Answered by `previewed`. */
  | {
      readonly type: 'preview';
      readonly id: string;
      readonly choice: TemplateChoice;
      readonly messages: readonly ChatMessage[];
    }
  | { readonly type: 'generate'; readonly id: string; readonly input: GenerateInput }
  /** Answered by `measuring` before each run, then `measured`; stopped as an answer is. */
  | { readonly type: 'benchmark'; readonly id: string; readonly plan: BenchmarkPlan }
  | { readonly type: 'stop'; readonly id: string }
  /** Answered by `counted`, also while an answer is being written. */
  | { readonly type: 'count'; readonly id: string; readonly prompt: CountablePrompt }
  | { readonly type: 'shutdown' };

/** One generated token with its times, µs. What a backend does not report is absent, never zero. */
export interface TokenEvent {
  /** Absent where the model's runner keeps its ids to itself. */
  readonly id?: number;
  /** Text that became complete with this token; may be empty while a UTF-8 character or a stop string is still open. */
  readonly text: string;
  readonly stepUs: number;
  readonly acceleratorUs?: number;
  readonly backendUs?: number;
  readonly samplingUs: number;
  /** `stepUs` less backend and sampling. */
  readonly hostUs?: number;
  readonly hvxThreads?: number;
  /** Only at the profile level `detailed`. */
  readonly htp?: HtpDetails;
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
  /** Prompt tokens that were already resident from the turn before and were not prefilled again. */
  readonly reusedTokens: number;
  readonly generatedTokens: number;
  readonly encodeUs: number;
  /** From the request's arrival in the engine to the first sampled token, without loading; absent if no token was sampled. */
  readonly timeToFirstTokenUs?: number;
  readonly prefillUs: number;
  /** Newly prefilled tokens per second; absent if none were. */
  readonly prefillRate?: number;
  /** Tokens after the first per second of decoding; absent below two tokens. */
  readonly decodeRate?: number;
  readonly prefillChunks: readonly PrefillChunk[];
  readonly stepUs?: Percentiles;
  readonly acceleratorUs?: Percentiles;
  readonly hvxThreads?: number;
  readonly contextUsed: number;
  readonly contextLength: number;
  readonly residentBytes: number;
}

/** What is known of a model whatever runs it, and what only some runners tell. */
type LoadedFacts = Pick<ModelFacts, 'backends' | 'contextLength' | 'loadUs'> & Partial<ModelFacts>;

/** What a benchmark does: `runs` times a prompt and an answer of these lengths. */
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

/** What a benchmark found; what its backend does not report is absent. Times in µs, rates per second. */
export interface BenchmarkFigures extends BenchmarkPlan {
  readonly prefillRate?: Spread;
  readonly decodeRate?: Spread;
  readonly timeToFirstTokenUs?: Spread;
  /** Of the last run. */
  readonly stepUs?: Percentiles;
  readonly acceleratorUs?: Percentiles;
  /** Of the time of all tokens, what was spent on the accelerator. */
  readonly acceleratorShare?: number;
  readonly residentBytes: number;
}

/** What was loaded, for the window and the command line. */
export interface LoadedModel {
  readonly name: string;
  readonly facts: LoadedFacts;
  /** Of programs of ExecuTorch. */
  readonly runtime?: RuntimeInfo;
  /** Absent where the model's runner makes tokens by itself. */
  readonly tokenizer?: { readonly kind: 'sentencepiece' | 'tiktoken' | 'huggingface'; readonly vocabSize: number };
  readonly chatTemplate: TemplateInfo;
  /** Control tokens that end an answer, as they are written. */
  readonly stopTokens: readonly string[];
  /** What of the bundle's files was not used. */
  readonly notes: readonly BundleNote[];
  readonly license?: string;
  readonly residentBytes: number;
  /** For programs of the NPU. */
  readonly npu?: NpuInUse;
}

/** Every expected failure of the engine. `main/engine/errors.ts` has the sentence and the next step of each. */
export interface EngineError {
  readonly code: EngineErrorCode;
  /** What happened and why, one or two sentences. */
  readonly message: string;
  /** What the person can do next. */
  readonly hint?: string;
}

export type EngineEvent =
  | { readonly type: 'ready' }
  | { readonly type: 'loading'; readonly id: string; readonly progress: LoadProgress }
  | { readonly type: 'loaded'; readonly id: string; readonly model: LoadedModel }
  /** A part of the prompt is resident. */
  | { readonly type: 'prefilling'; readonly id: string; readonly chunk: PrefillChunk }
  /** The prompt is resident; generation starts. */
  | {
      readonly type: 'prefilled';
      readonly id: string;
      readonly promptTokens: number;
      readonly reusedTokens: number;
      readonly prefillUs: number;
      readonly chunks: readonly PrefillChunk[];
      /** Of this process, once the prompt is resident. */
      readonly residentBytes: number;
    }
  /** One or more tokens in order, joined to keep the number of messages low. */
  | { readonly type: 'tokens'; readonly id: string; readonly tokens: readonly TokenEvent[] }
  | {
      readonly type: 'done';
      readonly id: string;
      readonly text: string;
      readonly tokens: readonly number[];
      readonly reason: StopReason;
      readonly statistics: GenerationStatistics;
    }
  /** Run 0 does not count. */
  | { readonly type: 'measuring'; readonly id: string; readonly run: number }
  /** Without figures if it was stopped. */
  | { readonly type: 'measured'; readonly id: string; readonly figures?: BenchmarkFigures }
  | { readonly type: 'templated'; readonly id: string; readonly template: TemplateInfo }
  | { readonly type: 'previewed'; readonly id: string; readonly preview: TemplatePreview }
  | { readonly type: 'counted'; readonly id: string; readonly tokens: number }
  | { readonly type: 'failed'; readonly id: string; readonly error: EngineError }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warning' | 'error'; readonly message: string };
