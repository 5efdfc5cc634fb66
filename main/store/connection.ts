/** The one connection to the store, whose file can be changed for another while tables hold on to their statements. */
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
 * Opens or creates the file. A commit is on the disk when it returns, and what is deleted is overwritten.
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

/** Opens a file that nobody writes to, to be read: no log or lock is made beside it. */
export function openUnchanging(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true });
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

export class Connection {
  readonly #repair: (() => DatabaseSync) | undefined;
  #database: DatabaseSync;
  #generation = 0;

  /** @param repair Makes a whole file of a damaged one and opens it; called with nothing open. */
  constructor(database: DatabaseSync, repair?: () => DatabaseSync) {
    this.#database = database;
    this.#repair = repair;
  }

  get database(): DatabaseSync {
    return this.#database;
  }

  /** A statement that outlives the file: it is prepared again on another. */
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

  /** As {@link inTransaction}. Does not nest. Done again from its beginning if the file had to be repaired. */
  transaction<T>(work: () => T): T {
    return this.#repairing(() => inTransaction(this.#database, work));
  }

  /** In the transaction that is open, or else in one of its own. */
  together<T>(work: () => T): T {
    return this.#database.isTransaction ? work() : this.transaction(work);
  }

  /** Closes the file, has `change` do something to it, and goes on with what it opens. */
  replace(change: () => DatabaseSync): void {
    if (this.#database.isOpen) this.#database.close();
    this.#database = change();
    this.#generation += 1;
  }

  /** Found from outside to be damaged. */
  repair(): void {
    if (this.#repair) this.replace(this.#repair);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** A damaged page may be met at any time, long after the file was opened. */
  #repairing<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      // Inside a transaction its owner does it, once that is rolled back.
      if (!this.#repair || this.#database.isTransaction || !isDamage(cause)) throw cause;
      this.replace(this.#repair);
      return work();
    }
  }
}
