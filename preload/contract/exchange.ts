/** Import and export of chats and presets. */
import type { AppError } from './errors.ts';
import type { Preset } from './settings.ts';

/** `json` holds everything and can be imported again; `markdown` holds the messages that the chat shows. */
export const exportForms = ['json', 'markdown'] as const;
export type ExportForm = (typeof exportForms)[number];

export interface SavedChats {
  readonly path: string;
  readonly chats: number;
}

/** Formats of chat files that Wyvern imports. The content tells the format. */
export type ChatFormat = 'wyvern' | 'lm-studio' | 'chatgpt' | 'llama-cpp';

/** Parts of a file that Wyvern does not import. `draft` is a text that was not sent yet. */
export type LeftOutKind = 'image' | 'audio' | 'video' | 'file' | 'citation' | 'setting' | 'draft' | 'empty';

export interface LeftOut {
  readonly kind: LeftOutKind;
  readonly count: number;
  /** Their names or texts, each once; the first 50, up to 500 characters each. */
  readonly texts: readonly string[];
}

/** A chat that was not imported. */
export interface ChatProblem {
  /** Path of the file inside the folder or archive. */
  readonly file?: string;
  /** Absent if the file gives no title. */
  readonly title?: string;
  readonly error: AppError;
}

/** Result for one file, or for all files of one format in a folder or an archive. */
export interface ChatImportFile {
  readonly name: string;
  /** Absent if the format was not recognised. */
  readonly format?: ChatFormat;
  readonly chats: number;
  readonly messages: number;
  /** Chats that were imported before. */
  readonly known: number;
  /** Highest count first. */
  readonly leftOut: readonly LeftOut[];
  /** The first few only. */
  readonly problems: readonly ChatProblem[];
  readonly problemCount: number;
  /** Why the rest of the file, or all of it, was not read. */
  readonly error?: AppError;
}

export interface ChatImportReport {
  readonly files: readonly ChatImportFile[];
  /** The person cancelled. Chats imported before that stay. */
  readonly cancelled: boolean;
  /** The most recently changed chat among those imported or already present. */
  readonly openId?: string;
}

/** Progress of an import. */
export interface ChatImportProgress {
  /** Name of the file being read. */
  readonly name: string;
  /** Total size of all files; files in archives count once they are unpacked. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Chats imported so far. */
  readonly chats: number;
}

/** An imported preset or prompt that got a new name because its name was taken. */
export interface Renamed {
  readonly from: string;
  readonly to: string;
}

export interface ImportedPresets {
  /** All presets after the import. */
  readonly presets: readonly Preset[];
  readonly added: number;
  /** Presets in the file that were already present with equal values. */
  readonly known: number;
  readonly renamed: readonly Renamed[];
}
