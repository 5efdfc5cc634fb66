/**
 * The engine's interface to a model: it takes a prompt and returns the answer piece by piece. Logits stay inside the runner.
 * Token ids may stay there too. So the interface fits a model that tokenises, samples and decodes by itself, and one whose
 * steps we run.
 */
import type { LoadProgress, PrefillChunk, Step, StepOptions, StepTimings } from '../../native/index.d.ts';
import type {
  BundlePaths,
  ChatMessage,
  CountablePrompt,
  GenerateInput,
  KeptState,
  LoadedModel,
  NpuOptions,
  TemplateChoice,
  TemplateInfo,
  TemplatePreview,
} from './protocol.ts';
import type { Said } from './thoughts/reader.ts';

export interface LoadOptions {
  /** Backends that the program delegates to, if known. Only their libraries are prepared. */
  readonly backends?: readonly string[];
  /** Operators that the program calls, if known. They are checked before the load. */
  readonly operators?: readonly string[];
  /** State that the program keeps from call to call. Absent: unclear. */
  readonly keptState?: KeptState;
  readonly threads?: number;
  /** Default true. False skips the first step if nothing will be generated. */
  readonly warmUp?: boolean;
  readonly npu?: NpuOptions;
  /** Absent: automatic. */
  readonly template?: TemplateChoice;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface AnswerOptions extends MeasuringOptions {
  /** Called for each chunk of the prompt that was read. */
  readonly onChunk?: (chunk: PrefillChunk) => void;
}

/** Options of measurements. */
export interface MeasuringOptions {
  /** Computes the whole prompt and ignores the KV cache. */
  readonly fromEmptyCache?: boolean;
  /** Continues after stop tokens, up to `maxTokens`. */
  readonly ignoreStopTokens?: boolean;
  /** `off`: each token has a step of its own. Default `measured`. */
  readonly promptLookup?: NonNullable<StepOptions['promptLookup']>;
}

/**
 * Loads a model.
 * @throws EngineFailure
 */
export type OpenRunner = (paths: BundlePaths, options: LoadOptions) => Promise<Runner>;

/** One loaded model. The engine ensures that at most one answer runs at a time. */
export interface Runner {
  /** Facts of the loaded model. */
  readonly description: LoadedModel;
  /**
   * Reads a prompt and starts the answer.
   * @throws EngineFailure `prompt-empty`, `prompt-invalid`, `prompt-too-long`, `option-invalid`, `template-invalid` with
   * nothing changed; others after a failure of the model, whose cache is then empty
   */
  read(input: GenerateInput, options: AnswerOptions): Promise<RunningAnswer>;
  /** The number of tokens in a prompt, also if it does not fit. @throws EngineFailure */
  count(prompt: CountablePrompt): number;
  /** Absent if the runner formats conversations by itself. */
  readonly templates?: RunnerTemplates;
  /** Ids of plain text without BOS. Absent if the runner does not expose ids. */
  encode?(text: string): number[];
  /** Asks a running `read` or `next` to end early. Callable at any time; never waits. */
  stop(): void;
  /** Frees the model. Idempotent; called when nothing runs. */
  close(): Promise<void>;
}

export interface RunnerTemplates {
  /**
   * Uses another template for the next prompts.
   * @throws EngineFailure `template-invalid`; the earlier template then stays
   */
  set(choice: TemplateChoice): TemplateInfo;
  /** The prompt that a template makes of messages. @throws EngineFailure */
  preview(choice: TemplateChoice, messages: readonly ChatMessage[]): TemplatePreview;
}

/** Figures of reading a prompt. */
export interface PromptRead {
  readonly promptTokens: number;
  /** Tokens in the KV cache from the last turn, which were not computed again. */
  readonly reusedTokens: number;
  readonly encodeUs: number;
  readonly prefillUs: number;
  readonly chunks: readonly PrefillChunk[];
  /** `stop` ended the prefill early. */
  readonly stopped: boolean;
}

export interface RunningAnswer {
  readonly prompt: PromptRead;
  /** Additional stop strings of this answer. */
  readonly endTexts: readonly string[];
  /**
   * The next token of the answer, or its end.
   * @throws EngineFailure
   */
  next(): Promise<AnswerPiece>;
  /** Text of earlier tokens that is still held back, e.g. U+FFFD for an incomplete character; usually empty. */
  remaining(): Said;
  /** Tokens in the KV cache, of the prompt and the answer. */
  readonly contextUsed: number;
}

export type AnswerPiece =
  | {
      readonly kind: 'token';
      /** Absent if the runner does not expose ids. */
      readonly id?: number;
      /** The text that this token completed, as thought or answer. */
      readonly said: Said;
      readonly timings: StepTimings & Pick<Step, 'samplingUs' | 'accepted'>;
      /** The context is full. */
      readonly full: boolean;
    }
  | { readonly kind: 'end' };
