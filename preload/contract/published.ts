/** Models that others publish: the list that comes with the app, in the order of what suits this machine. */

import type { FitGroup } from './values.ts';

/** Why a model is in its group. Bytes, and for `other-chip` the chips that it was compiled for. */
export type FitReason =
  /** Takes at most half of the memory. */
  | { readonly why: 'fits' | 'tight' | 'too-large'; readonly neededBytes: number }
  /** The publisher does not say how large it is. */
  | { readonly why: 'size-unknown' }
  | { readonly why: 'other-chip'; readonly chips: readonly string[] };
export interface PublishedModel {
  readonly id: string;
  readonly name: string;
  /** Name of the account. */
  readonly publisher: string;
  /** Address of its page. */
  readonly page: string;
  /** Paths in the repository; absent if they are not known. */
  readonly files?: readonly string[];
  readonly parameters?: number;
  /** Size of the program. */
  readonly bytes?: number;
  /** Tokens. */
  readonly contextLength?: number;
  readonly license?: string;
  readonly backend: 'xnnpack' | 'qnn';
  /** The program reads a prompt one token a step. */
  readonly prefill?: 'single';
  /** The program reads the whole chat again after an edit. */
  readonly stateful?: true;
  /** Where the facts were read. */
  readonly how: 'model-card' | 'publisher-list';
  readonly group: FitGroup;
  readonly reason: FitReason;
}

export interface PublishedModels {
  /** Day when the facts were read, e.g. `2026-11-29`. */
  readonly readOn: string;
  /** Memory of this machine. */
  readonly memoryBytes: number;
  /** This machine's Snapdragon, e.g. `Snapdragon X Elite (V73)`; absent on others. */
  readonly chip?: string;
  /** The most suitable first. */
  readonly models: readonly PublishedModel[];
}
