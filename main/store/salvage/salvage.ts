/** Makes a new store from the readable rest of a damaged one. */
import { existsSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { removeFileSync } from '../../files/held.ts';
import type { Salvage } from '../../../preload/contract.ts';
import { inTransaction, openFile } from '../connection.ts';
import { migrate } from '../database.ts';
import { mendConversations } from '../mend-conversations.ts';
import { migrations } from '../migrations.ts';
import { asideName, swap } from '../swap.ts';
import { readLog, readPageImage } from './page-image.ts';
import { rowsOfFile } from './rows-of-file.ts';
import type { FoundRow } from './rows-of-file.ts';

function readIfThere(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}

/** Whether the log of the last run has commits that SQLite would silently ignore. */
export function hasDamagedLog(path: string): boolean {
  const log = readIfThere(`${path}-wal`);
  return log.length > 0 && readLog(log, readPageImage(readIfThere(path), log).pageSize).damaged;
}

/**
 * Reads a damaged file row by row into a new one, which replaces it. The damaged file stays beside it under another name.
 * Nothing may have it open.
 */
export function salvage(path: string, steps: readonly string[] = migrations): Salvage {
  const image = readPageImage(readIfThere(path), readIfThere(`${path}-wal`));
  const { version, rows, unreadable, indexedMessages } = rowsOfFile(image, steps);
  const making = `${path}.salvaging`;
  removeAll(making);
  const database = openFile(making);
  try {
    migrate(database, steps.slice(0, version));
    database.exec('PRAGMA foreign_keys = OFF');
    const failed = inTransaction(database, () => {
      const lost = insertAll(database, rows);
      mendConversations(database);
      removeDangling(database);
      return lost;
    });
    migrate(database, steps);
    const count = (sql: string): number => Number(database.prepare(sql).get()?.['n']);
    const ids = new Set(
      database
        .prepare('SELECT id FROM messages')
        .all()
        .map(({ id }) => id),
    );
    const missing = [...indexedMessages].filter((id) => !ids.has(id)).length;
    const result = {
      conversations: count('SELECT count(*) AS n FROM conversations WHERE deleted_at IS NULL'),
      messages: ids.size,
      lost: Math.max(unreadable + failed, missing),
    };
    database.close();
    const original = asideName(path, 'damaged');
    swap(path, making, original);
    return { original, ...result };
  } catch (cause) {
    if (database.isOpen) database.close();
    // Half a store is useless, and the disk may be full because of it.
    removeAll(making);
    throw cause;
  }
}

function removeAll(path: string): void {
  for (const part of ['', '-wal', '-shm']) removeFileSync(path + part);
}

/** @returns the number of rows that could not be stored */
function insertAll(database: DatabaseSync, rows: readonly FoundRow[]): number {
  let failed = 0;
  for (const { table, values } of rows) {
    const names = table.columns.slice(0, values.length).map(({ name }) => name);
    const insert = (into: readonly string[], those: typeof values): boolean => {
      const places = those.map(() => '?').join(', ');
      try {
        database.prepare(`INSERT INTO ${table.name} (${into.join(', ')}) VALUES (${places})`).run(...those);
        return true;
      } catch {
        return false;
      }
    };
    if (insert(names, values)) continue;
    const key = names[0] ?? '';
    // A moved page may exist twice. The row is stored already.
    const known = database.prepare(`SELECT 1 FROM ${table.name} WHERE ${key} = ?`).get(values[0] ?? null) !== undefined;
    if (known || (table.name === 'messages' && insertElsewhere(names, values, insert))) continue;
    failed += 1;
  }
  return failed;

  /** If two messages have one position, the second moves to the end. */
  function insertElsewhere(
    names: readonly string[],
    values: FoundRow['values'],
    insert: (names: readonly string[], values: FoundRow['values']) => boolean,
  ): boolean {
    const conversation = values[names.indexOf('conversation_id')] ?? null;
    const last = database
      .prepare('SELECT max(position) AS n FROM messages WHERE conversation_id = ?')
      .get(conversation);
    return insert(names, values.with(names.indexOf('position'), Number(last?.['n'] ?? 0) + 1));
  }
}

/** Deletes rows whose owner is missing. */
function removeDangling(database: DatabaseSync): void {
  const keys = database.prepare(`
    SELECT tables.name AS child, keys."from" AS own, keys."table" AS parent, keys."to" AS other
    FROM pragma_table_list AS tables JOIN pragma_foreign_key_list(tables.name) AS keys WHERE tables.schema = 'main'`);
  for (const { child, own, parent, other } of keys.all()) {
    const known = `SELECT ${String(other)} FROM ${String(parent)}`;
    database.exec(`DELETE FROM ${String(child)} WHERE ${String(own)} NOT IN (${known})`);
  }
}
