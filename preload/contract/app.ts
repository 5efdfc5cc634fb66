/** The app itself, and the data it keeps. */

export interface AppInfo {
  readonly version: string;
  /** `electron` or `chromium-host`. */
  readonly shell: 'electron' | 'chromium-host';
  readonly executorch?: string;
  readonly platform: string;
}

/** `daily`: made by the app each day; `migration`, `restore`: before one; `person`: asked for. */
export type BackupReason = 'daily' | 'migration' | 'restore' | 'person';

export interface Backup {
  readonly id: string;
  /** Unix time, ms. */
  readonly createdAt: number;
  readonly bytes: number;
  readonly reason: BackupReason;
  /** How many chats it has; absent if it cannot be read. */
  readonly conversations?: number;
}

/** What became of a file of chats that was damaged. */
export interface Salvage {
  /** Where the damaged file is kept as it was. */
  readonly original: string;
  readonly conversations: number;
  readonly messages: number;
  /** Rows that are known to have been there and could not be read. */
  readonly lost: number;
}

export interface DataFacts {
  readonly folder: string;
  /** Of all chats and settings. */
  readonly bytes: number;
  /** The latest first. */
  readonly backups: readonly Backup[];
  /** Absent if no damage was met since the app started. */
  readonly salvage?: Salvage;
}
