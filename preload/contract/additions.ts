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
  'htpSettings',
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

/** Facts about a program that the person may choose. The program's own word counts; names fill the gaps. */
export interface ProgramSketch {
  /** The number of weights as the publisher writes it, e.g. `0.6B`. */
  readonly size?: string;
  /** E.g. `8da4w`. */
  readonly precision?: string;
  /** E.g. `CPU (XNNPACK)`. */
  readonly backend?: string;
  /** Tokens. */
  readonly contextLength?: number;
  readonly bytes?: number;
}

interface AdditionOption extends AdditionFile {
  /** Only for programs. */
  readonly sketch?: ProgramSketch;
}

/** The person must choose one of several files; Wyvern never guesses. */
export interface AdditionQuestion {
  readonly part: ModelPart;
  readonly options: readonly AdditionOption[];
}

/** Why a file that looks like a part of a model cannot be used. */
export type FileFault =
  /** A link to a place outside of the folder. Wyvern does not follow it. */
  | 'link-outside'
  | 'link-circle'
  /** A link to a file that is not there. */
  | 'link-missing'
  /** Another program is still downloading it. */
  | 'unfinished'
  /** The text that Git stores instead of a large file. */
  | 'lfs-pointer'
  /** A `config.json` that names a file outside of its repository. */
  | 'points-outside'
  /** A program for a backend that Wyvern does not have. */
  | 'foreign-backend'
  /** A program for another chip. */
  | 'other-chip'
  | 'unreadable';

export interface UnusableFile {
  /** Absolute path. */
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  readonly fault: FileFault;
  /** The backend, chip or place. */
  readonly detail?: string;
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
      /** Files that are not offered, with the reason. A long list is cut. */
      readonly unusable: readonly UnusableFile[];
      /** The folder has more files than Wyvern searches. */
      readonly cut: boolean;
      /** The model comes from an archive, so Wyvern always copies it into the library's folder. */
      readonly unpacked: boolean;
    }
  | {
      readonly status: 'copying';
      readonly id: string;
      readonly name: string;
      readonly stage: 'unpack' | 'prepare' | 'copy' | 'verify';
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
