import type { Connection } from './connection.ts';

/** Identifies a file without reading it. */
export interface FileStamp {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** Time of the last change, ms. */
  readonly modifiedAt: number;
}

/** SHA-256 of files that were hashed before, by path, size and time. */
export interface FileHashTable {
  /** Undefined if this file was not hashed, or has changed since. */
  get(stamp: FileStamp): string | undefined;
  put(stamp: FileStamp, sha256: string): void;
}

export function fileHashTable(database: Connection): FileHashTable {
  const get = database.prepare('SELECT sha256 FROM file_hashes WHERE path = ? AND bytes = ? AND modified_at = ?');
  const put = database.prepare(
    'INSERT OR REPLACE INTO file_hashes (path, bytes, modified_at, sha256) VALUES (?, ?, ?, ?)',
  );
  return {
    get: ({ path, bytes, modifiedAt }) => {
      const row = get.get(path, bytes, modifiedAt);
      return row === undefined ? undefined : String(row['sha256']);
    },
    put: ({ path, bytes, modifiedAt }, sha256) => void put.run(path, bytes, modifiedAt, sha256),
  };
}
