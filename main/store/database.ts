import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrations } from './migrations.ts';

/** The store was written by a later version of the app; opening it could lose what this one does not know. */
export class StoreTooNewError extends Error {
  override readonly name = 'StoreTooNewError';
}

const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

/**
 * Opens or creates the database at `path`, its schema the newest. A commit is on the disk when it returns
 * (`synchronous=FULL` with a write-ahead log).
 * @throws {@link StoreTooNewError}, or SQLite's own error; see {@link isDamage}
 */
export function openDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000, defensive: true });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');
    migrate(database);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Brings the schema to the newest version, one transaction a step. */
export function migrate(database: DatabaseSync, steps: readonly string[] = migrations): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > steps.length) {
    throw new StoreTooNewError(
      `The chats were saved by a later version of Wyvern (format ${version}, this one knows ${steps.length}).`,
    );
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    inTransaction(database, () => database.exec(`${step};\nPRAGMA user_version = ${index + 1};`));
  }
}

/** Runs `work` in one transaction: all of it is on the disk when this returns, or none of it if it throws. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (cause) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}

/** Whether SQLite says that the file is damaged or is no database. */
export function isDamage(cause: unknown): boolean {
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : undefined;
  return code === sqliteCorrupt || code === sqliteNotADatabase;
}

/** Renames a damaged file and its companions, untouched; returns the new name. */
export function setAside(path: string): string {
  const damaged = `${path}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, damaged + suffix);
  }
  return damaged;
}
