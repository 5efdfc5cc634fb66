/**
 * How the engine speaks to a model, whatever runs it: a prompt goes in, the answer comes back piece by piece. Nobody
 * outside of a runner sees logits, and none has to make ids of text for it: models that tokenise, sample and turn ids into
 * text by themselves fit as well as those whose every step is ours.
 */
import type { LoadProgress, PrefillChunk, StepTimings } from '../../native/index.d.ts';
import type {
  BundlePaths,
  ChatMessage,
  CountablePrompt,
  GenerateInput,
  LoadedModel,
  NpuOptions,
  TemplateChoice,
  TemplateInfo,
  TemplatePreview,
} from './protocol.ts';

export interface LoadOptions {
  /** Backends that the program delegates to, as far as they are known: libraries are prepared for these alone. */
  readonly backends?: readonly string[];
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

export interface AnswerOptions extends MeasuringOptions {
  /** Told each part of the prompt that has been read. */
  readonly onChunk?: (chunk: PrefillChunk) => void;
}

/** What only measurements ask for. */
export interface MeasuringOptions {
  /** Compute the whole prompt again, whatever the KV cache holds. */
  readonly fromEmptyCache?: boolean;
  /** Go on past stop tokens, to `maxTokens`. */
  readonly ignoreStopTokens?: boolean;
}

/**
 * Makes a model ready.
 * @throws EngineFailure
 */
export type OpenRunner = (paths: BundlePaths, options: LoadOptions) => Promise<Runner>;

/** One loaded model. At most one answer at a time: the engine sees to that. */
export interface Runner {
  /** What was loaded, for people. */
  readonly description: LoadedModel;
  /**
   * Reads a prompt and begins the answer to it.
   * @throws EngineFailure `prompt-empty`, `prompt-invalid`, `prompt-too-long`, `option-invalid`, `template-invalid` with
   * nothing changed; others after a failure of the model, whose cache is then empty
   */
  read(input: GenerateInput, options: AnswerOptions): Promise<RunningAnswer>;
  /** How many tokens a prompt has, whether it fits or not. @throws EngineFailure */
  count(prompt: CountablePrompt): number;
  /** Absent where the runner puts conversations into the model's form by itself. */
  readonly templates?: RunnerTemplates;
  /** Ids of plain text, without what comes before a prompt. Absent where the runner keeps its ids to itself. */
  encode?(text: string): number[];
  /** Asks a `read` or `next` under way to end early. Callable at any time; never waits. */
  stop(): void;
  /** Frees the model. Idempotent; called when nothing is under way. */
  close(): Promise<void>;
}

export interface RunnerTemplates {
  /**
   * Prompts with another template from now on.
   * @throws EngineFailure `template-invalid` for what is no template; the one before stays
   */
  set(choice: TemplateChoice): TemplateInfo;
  /** What a template would make of some messages. @throws EngineFailure */
  preview(choice: TemplateChoice, messages: readonly ChatMessage[]): TemplatePreview;
}

/** What reading a prompt took. */
export interface PromptRead {
  readonly promptTokens: number;
  /** Of them resident from the turn before: not computed again. */
  readonly reusedTokens: number;
  readonly encodeUs: number;
  readonly prefillUs: number;
  readonly chunks: readonly PrefillChunk[];
  /** `stop` ended it before the whole prompt was read. */
  readonly stopped: boolean;
}

export interface RunningAnswer {
  readonly prompt: PromptRead;
  /** Texts that end this answer without being a token, beside those that were asked for. */
  readonly endTexts: readonly string[];
  /**
   * One more token of the answer, or its end where the model itself ends it.
   * @throws EngineFailure
   */
  next(): Promise<AnswerPiece>;
  /** Text of what was given so far that is still held back, e.g. U+FFFD for an unfinished character; usually none. */
  remaining(): string;
  /** Tokens that are resident now, of the prompt and of the answer. */
  readonly contextUsed: number;
}

export type AnswerPiece =
  | {
      readonly kind: 'token';
      /** Absent where the runner keeps its ids to itself. */
      readonly id?: number;
      /** Text that became complete with it; may be empty. */
      readonly text: string;
      readonly timings: StepTimings & { readonly samplingUs: number };
      /** The context has no room for another one. */
      readonly full: boolean;
    }
  | { readonly kind: 'end' };
