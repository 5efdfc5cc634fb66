/** How a model comes into the library: what was found of it, what is asked, and how far copying is. */
import type { AppError } from './contract.ts';

/** What a file is to a model. */
export const modelParts = [
  'program',
  'data',
  'tokenizer',
  'tokenizerConfig',
  'chatTemplate',
  'generationConfig',
  'manifest',
] as const;
export type ModelPart = (typeof modelParts)[number];

interface ImportFile {
  readonly part: ModelPart;
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly folder: string;
}

/** One of several files must be chosen: which one is never guessed. */
export interface ImportQuestion {
  readonly part: ModelPart;
  readonly options: readonly ImportFile[];
}

/** A file that is needed and was not found. */
export interface ImportMissing {
  readonly part: ModelPart;
  /** Its name, where `wyvern.json` says it. */
  readonly name?: string;
  /** A weight in it, where only the program says what it wants. */
  readonly weight?: string;
}

export type ImportState =
  | {
      readonly status: 'asking';
      readonly id: string;
      /** What the model will be called. */
      readonly name: string;
      readonly found: readonly ImportFile[];
      readonly question?: ImportQuestion;
      readonly missing: readonly ImportMissing[];
      /** It comes from an archive, so it is kept in the library's own folder in any case. */
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
  /** What was opened by the system, not from the window, is no model. */
  | { readonly status: 'failed'; readonly id: string; readonly error: AppError };

/** Whether the files of a model are those that were added, and those that its maker meant. */
export interface ModelFileState {
  /** Names of files that are no longer where they were. */
  readonly moved: readonly string[];
  /** Names of files that are no longer what they were. */
  readonly changed: readonly string[];
  /** Names of files whose SHA-256 is not the one in `wyvern.json`. */
  readonly mismatched: readonly string[];
  /** How many files `wyvern.json` has the hash of, and that have it. */
  readonly verified: number;
  /** SHA-256 of the program, once it has been computed. */
  readonly sha256?: string;
}

/** How far the SHA-256 of a model's files is, in the background. */
export interface HashProgress {
  readonly modelId: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}
