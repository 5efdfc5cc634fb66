/** The app and its data folder. */

export interface AppInfo {
  readonly version: string;
  /** `electron` or `chromium-host`. */
  readonly shell: 'electron' | 'chromium-host';
  readonly executorch?: string;
  readonly platform: string;
}

/** Why a backup was made. `daily`: once a day; `migration`, `restore`: before one; `person`: on request. */
export type BackupReason = 'daily' | 'migration' | 'restore' | 'person';

export interface Backup {
  readonly id: string;
  /** Unix time, ms. */
  readonly createdAt: number;
  readonly bytes: number;
  readonly reason: BackupReason;
  /** Number of chats; absent if the backup cannot be read. */
  readonly conversations?: number;
}

/** Result of the recovery from a damaged chat file. */
export interface Salvage {
  /** Path of the damaged file, which stays unchanged. */
  readonly original: string;
  readonly conversations: number;
  readonly messages: number;
  /** Rows that must have existed and could not be read. */
  readonly lost: number;
}

export interface DataFacts {
  readonly folder: string;
  /** Size of all chats and settings. */
  readonly bytes: number;
  /** Newest first. */
  readonly backups: readonly Backup[];
  /** Absent if no damage was found since the app started. */
  readonly salvage?: Salvage;
}
