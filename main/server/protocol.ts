/** The interface between the HTTP part and the model, and the messages between the server process and the main process. */
import type { AppError, ServerLogEntry, TemplateInfo } from '../../preload/contract.ts';
import type { GenerateInput, SamplingSettings, StopReason } from '../engine/protocol.ts';

/** The model that answers requests. */
export interface ServedModel {
  readonly id: string;
  /** Clients name the model by it. */
  readonly name: string;
  readonly contextLength: number;
  /** Unix time, s. */
  readonly created: number;
  readonly chatTemplate: TemplateInfo;
  /** Of requests that do not name their own: the model's recommendation. */
  readonly sampling: SamplingSettings;
}

/** Progress of one answer. The last part is `done` or `failed`. */
export type AnswerPart =
  /** The request has its turn, and the engine reads the prompt. */
  | { readonly type: 'turn' }
  /** The prompt is in the KV cache. */
  | { readonly type: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  | { readonly type: 'tokens'; readonly tokens: readonly ServedToken[] }
  | {
      readonly type: 'done';
      /** The whole answer, which may have more text than the tokens. */
      readonly text: string;
      readonly thought?: string;
      readonly reason: StopReason;
      readonly promptTokens: number;
      readonly cachedTokens: number;
      readonly generatedTokens: number;
    }
  | { readonly type: 'failed'; readonly error: AppError };

/** `thought` is present if the token belongs to a thought. */
export interface ServedToken {
  readonly text: string;
  readonly thought?: string;
}

export interface ModelAccess {
  /** Waits while a model loads. @throws ApiError if there is none */
  model(signal: AbortSignal): Promise<ServedModel>;
  /**
   * One answer. The caller reads it to its end, and asks for one answer at a time.
   * @param signal stops the answer, which then ends with `done`
   */
  generate(model: ServedModel, input: GenerateInput, signal: AbortSignal): AsyncIterable<AnswerPart>;
}

/** `waiting`: a model loads. */
export type ModelStatus =
  | { readonly status: 'ready'; readonly model: ServedModel }
  | { readonly status: 'waiting' }
  | { readonly status: 'none'; readonly error: AppError };

export type ServerRequest =
  | { readonly type: 'start'; readonly port: number; readonly token: string; readonly model: ModelStatus }
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'model'; readonly model: ModelStatus }
  /** A part of the answer with this id. */
  | { readonly type: 'part'; readonly id: string; readonly part: AnswerPart }
  | { readonly type: 'shutdown' };

export type ServerEvent =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly error: AppError }
  | { readonly type: 'generate'; readonly id: string; readonly modelId: string; readonly input: GenerateInput }
  | { readonly type: 'stop'; readonly id: string }
  /** All requests of the log, newest first. */
  | { readonly type: 'log'; readonly entries: readonly ServerLogEntry[] };
