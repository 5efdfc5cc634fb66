/** Adding a model to the library: files found, open questions, and progress of the copy. */
import type { AppError } from './errors.ts';

/** Role of a file in a model. */
export const modelParts = [
  'program',
  'data',
  'tokenizer',
  'tokenizerConfig',
  'specialTokensMap',
  'addedTokens',
  'chatTemplate',
  'processorTemplate',
  'additionalTemplates',
  'generationConfig',
  'config',
  'manifest',
] as const;
export type ModelPart = (typeof modelParts)[number];

interface AdditionFile {
  readonly part: ModelPart;
  /** Absolute path. */
  readonly path: string;
  readonly name: string;
  readonly folder: string;
}

/** The person must choose one of several files; Wyvern never guesses. */
export interface AdditionQuestion {
  readonly part: ModelPart;
  readonly options: readonly AdditionFile[];
}

/** A required file that was not found. */
export interface AdditionMissing {
  readonly part: ModelPart;
  /** File name, if `wyvern.json` gives it. */
  readonly name?: string;
  /** Name of a weight in the missing file, if only the program refers to it. */
  readonly weight?: string;
}

export type AdditionState =
  | {
      readonly status: 'asking';
      readonly id: string;
      /** Name of the model in the library. */
      readonly name: string;
      readonly found: readonly AdditionFile[];
      readonly question?: AdditionQuestion;
      readonly missing: readonly AdditionMissing[];
      /** The model comes from an archive, so Wyvern always copies it into the library's folder. */
      readonly unpacked: boolean;
    }
  | {
      readonly status: 'copying';
      readonly id: string;
      readonly name: string;
      readonly stage: 'unpack' | 'copy' | 'verify';
      readonly bytesDone: number;
      readonly bytesTotal: number;
    }
  /** The files that the system opened contain no model. */
  | { readonly status: 'failed'; readonly id: string; readonly error: AppError };

/** Whether the model's files are present and unchanged. */
export interface ModelFileState {
  /** Names of files that are no longer in place. */
  readonly moved: readonly string[];
  /** Names of files whose content changed since the model was added. */
  readonly changed: readonly string[];
  /** Names of files whose SHA-256 differs from the one in `wyvern.json`. */
  readonly mismatched: readonly string[];
  /** Number of files whose SHA-256 matches `wyvern.json`. */
  readonly verified: number;
  /** SHA-256 of the program; absent until computed. */
  readonly sha256?: string;
}

/** Progress of hashing a model's files in the background. */
export interface HashProgress {
  readonly modelId: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}
