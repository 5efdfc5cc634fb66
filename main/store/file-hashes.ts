import type { Connection } from './connection.ts';

/** What a file is known by without reading it. */
export interface FileStamp {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** Time of the last change, ms. */
  readonly modifiedAt: number;
}

/** SHA-256 of files that were read before, by where they are and what they look like. */
export interface FileHashTable {
  /** Undefined if this file has not been hashed, or not as it is now. */
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
