/** The only connection to the store. Its file can be replaced while tables keep their statements. */
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { isDamage } from './sqlite-errors.ts';

type Values = readonly SQLInputValue[];
type Row = Record<string, SQLOutputValue>;

export interface Statement {
  get(...values: Values): Row | undefined;
  all(...values: Values): Row[];
  run(...values: Values): { readonly changes: number | bigint };
}

/**
 * Opens or creates the file. A commit is on the disk when it returns, and deleted data is overwritten.
 * @throws SQLite's own error
 */
export function openFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000, defensive: true });
  try {
    database.exec(`
      PRAGMA trusted_schema = OFF;
      PRAGMA secure_delete = ON;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;`);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Opens a file for reading that nobody writes to. SQLite makes no log or lock beside it. */
export function openUnchanging(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true });
}

/** Runs `work` in one transaction: all changes are on the disk when this returns, none if it throws. */
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

export class Connection {
  readonly #repair: (() => DatabaseSync) | undefined;
  #database: DatabaseSync;
  #generation = 0;

  /** @param repair replaces a damaged file by a whole one and opens it; nothing is open during the call */
  constructor(database: DatabaseSync, repair?: () => DatabaseSync) {
    this.#database = database;
    this.#repair = repair;
  }

  get database(): DatabaseSync {
    return this.#database;
  }

  /** A statement that survives a change of the file: it is prepared again. */
  prepare(sql: string): Statement {
    let statement = this.#database.prepare(sql);
    let generation = this.#generation;
    const current = (): StatementSync => {
      if (generation !== this.#generation) statement = this.#database.prepare(sql);
      generation = this.#generation;
      return statement;
    };
    return {
      get: (...values) => this.#repairing(() => current().get(...values)),
      all: (...values) => this.#repairing(() => current().all(...values)),
      run: (...values) => this.#repairing(() => current().run(...values)),
    };
  }

  /** As {@link inTransaction}. Does not nest. Runs again from the start if the file had to be repaired. */
  transaction<T>(work: () => T): T {
    return this.#repairing(() => inTransaction(this.#database, work));
  }

  /** Runs in the open transaction, or in a new one. */
  together<T>(work: () => T): T {
    return this.#database.isTransaction ? work() : this.transaction(work);
  }

  /** Closes the file, calls `change`, and continues with the file that it opens. */
  replace(change: () => DatabaseSync): void {
    if (this.#database.isOpen) this.#database.close();
    this.#database = change();
    this.#generation += 1;
  }

  /** Reports damage that other code found. */
  repair(): void {
    if (this.#repair) this.replace(this.#repair);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Any statement may find a damaged page, long after the file was opened. */
  #repairing<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      // In a transaction, its owner repairs the file after the rollback.
      if (!this.#repair || this.#database.isTransaction || !isDamage(cause)) throw cause;
      this.replace(this.#repair);
      return work();
    }
  }
}
