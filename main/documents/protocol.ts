/** Messages between the main process and the process that reads one document. */
import type { DocumentKind } from '../../preload/contract/values.ts';

export interface Task {
  readonly kind: DocumentKind;
  readonly bytes: Uint8Array;
}

/** Why a document gave no text. */
export type Fault = 'unreadable' | 'protected' | 'without-text' | 'too-large';

export type Outcome =
  | { readonly ok: true; readonly text: string }
  /** `detail`: the library's own words, for the log. */
  | { readonly ok: false; readonly fault: Fault; readonly detail?: string };
