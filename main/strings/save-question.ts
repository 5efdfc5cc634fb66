import type { Strings } from './index.ts';

/** Where a file is to go, which the system's dialog asks. */
export interface SaveQuestion {
  /** What is saved. */
  readonly what: keyof Strings['save'];
  /** The name that is proposed. */
  readonly name: string;
  readonly extension: 'csv' | 'png' | 'md' | 'json';
}
