import type { Connection } from './connection.ts';

/** Programs that crashed the engine, by SHA-256. */
export interface CrashTable {
  /** Counts a crash. @returns the new count */
  add(sha256: string, bytes: number): number;
  count(sha256: string): number;
  /** Whether a program of this size has crashed. If not, its hash need not be computed. */
  hasSize(bytes: number): boolean;
  clear(sha256: string): void;
}

export function crashTable(database: Connection): CrashTable {
  const add = database.prepare(`
    INSERT INTO crashes (sha256, bytes, crashes) VALUES (?, ?, 1)
    ON CONFLICT (sha256) DO UPDATE SET crashes = crashes + 1 RETURNING crashes
  `);
  const count = database.prepare('SELECT crashes FROM crashes WHERE sha256 = ?');
  const size = database.prepare('SELECT 1 FROM crashes WHERE bytes = ? LIMIT 1');
  const clear = database.prepare('DELETE FROM crashes WHERE sha256 = ?');
  return {
    add: (sha256, bytes) => Number(add.get(sha256, bytes)?.['crashes']),
    count: (sha256) => Number(count.get(sha256)?.['crashes'] ?? 0),
    hasSize: (bytes) => size.get(bytes) !== undefined,
    clear: (sha256) => void clear.run(sha256),
  };
}
