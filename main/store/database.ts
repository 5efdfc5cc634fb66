/** Migrates a file to the schema of this version of the app. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inTransaction, openFile, openUnchanging } from './connection.ts';
import { migrations } from './migrations.ts';
import { StoreDamagedError } from './sqlite-errors.ts';

/** A later version of the app wrote the store. This one could lose data that it does not know. */
export class StoreTooNewError extends Error {
  override readonly name = 'StoreTooNewError';
  readonly hint = 'Install that version again, or start this one with another folder in WYVERN_USER_DATA.';
}

export interface OpenOptions {
  readonly steps?: readonly string[];
  /** Called before an existing schema is changed. If it throws, nothing is changed. */
  readonly beforeMigration?: (database: DatabaseSync, version: number) => void;
}

/**
 * Opens or creates the database at `path` with the newest schema. Compares every character of the schema, because SQLite may
 * still read a damaged one.
 * @throws {@link StoreTooNewError} with nothing written, {@link StoreDamagedError}, or SQLite's own error
 */
export function openDatabase(path: string, options: OpenOptions = {}): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const { steps = migrations } = options;
  if (existsSync(path)) refuseNewer(path, steps);
  const database = openFile(path);
  try {
    migrate(database, options.steps, options.beforeMigration);
    if (describeSchema(database) !== currentSchema(options.steps))
      throw new StoreDamagedError('The schema is not what its version says.');
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Reads through a connection that cannot write, so that even a leftover log stays as it is. */
function refuseNewer(path: string, steps: readonly string[]): void {
  const database = existsSync(`${path}-wal`) ? new DatabaseSync(path, { readOnly: true }) : openUnchanging(path);
  try {
    const version = versionOf(database);
    if (version >= 0 && version <= steps.length) return;
    // A later version has another schema. This schema under another number means that the number is damaged.
    if (version < 0 || describeSchema(database) === currentSchema(steps))
      throw new StoreDamagedError(`The store says it is of format ${version}.`);
    throw new StoreTooNewError(
      `The chats were saved by a later version of Wyvern (format ${version}, this one knows ${steps.length}). Nothing was changed.`,
    );
  } finally {
    database.close();
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** Migrates the schema to the newest version, one transaction for each step. */
export function migrate(
  database: DatabaseSync,
  steps: readonly string[] = migrations,
  beforeMigration?: OpenOptions['beforeMigration'],
): void {
  const version = versionOf(database);
  if (version > 0 && version < steps.length) beforeMigration?.(database, version);
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    inTransaction(database, () => database.exec(`${step};\nPRAGMA user_version = ${index + 1};`));
  }
}

function describeSchema(database: DatabaseSync): string {
  return JSON.stringify(database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all());
}

function currentSchema(steps: readonly string[] = migrations): string {
  const database = new DatabaseSync(':memory:');
  try {
    migrate(database, steps);
    return describeSchema(database);
  } finally {
    database.close();
  }
}
