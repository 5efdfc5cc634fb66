/** Chats and presets that leave the app as files, and come into it. */
import type { AppError, Preset } from './contract.ts';

/** All of it for Wyvern and other programs, or what is shown for people. */
export const exportForms = ['json', 'markdown'] as const;
export type ExportForm = (typeof exportForms)[number];

export interface SavedChats {
  readonly path: string;
  readonly chats: number;
}

/** Whose files of chats are read; told by their content. */
export type ChatFormat = 'wyvern' | 'lm-studio' | 'chatgpt' | 'llama-cpp';

/** What a file has and Wyvern does not keep. */
export type LeftOut =
  | 'image'
  | 'audio'
  | 'video'
  | 'file'
  | 'tool'
  | 'reasoning'
  | 'instructions'
  | 'citation'
  | 'figures'
  | 'setting'
  | 'empty'
  | 'unsupported';

/** A chat that did not come in. */
export interface ChatProblem {
  /** Of a folder or an archive. */
  readonly file?: string;
  /** Absent where the file did not say it. */
  readonly title?: string;
  readonly error: AppError;
}

/** What came of one file, or of all of one format in a folder or an archive. */
export interface ChatImportFile {
  readonly name: string;
  /** Absent if it was not recognised. */
  readonly format?: ChatFormat;
  readonly chats: number;
  readonly messages: number;
  /** Chats that were here already. */
  readonly known: number;
  /** How much of each kind, the most first. */
  readonly leftOut: readonly { readonly kind: LeftOut; readonly count: number }[];
  /** The first of them. */
  readonly problems: readonly ChatProblem[];
  readonly problemCount: number;
  /** Why the rest of it, or all, was not read. */
  readonly error?: AppError;
}

export interface ChatImportReport {
  readonly files: readonly ChatImportFile[];
  /** What had come in until then has stayed. */
  readonly cancelled: boolean;
  /** The one last changed of those that came in, or were there. */
  readonly openId?: string;
}

/** How far an import is. */
export interface ChatImportProgress {
  /** Of the file that is being read. */
  readonly name: string;
  /** Of all files, those in archives as they are unpacked. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** That came in. */
  readonly chats: number;
}

/** A preset whose name another one had. */
export interface RenamedPreset {
  readonly from: string;
  readonly to: string;
}

export interface ImportedPresets {
  /** All there are now. */
  readonly presets: readonly Preset[];
  readonly added: number;
  /** How many of the file were here already, to the letter. */
  readonly known: number;
  readonly renamed: readonly RenamedPreset[];
}
