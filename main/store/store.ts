/** All data of the app in one SQLite file. Plain Node: the caller passes the path. */
import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { removeFileSync } from '../files/held.ts';
import type { Backup, BackupReason, Salvage } from '../../preload/contract.ts';
import { backupFolder } from './backups.ts';
import { findDamage } from './check.ts';
import { Connection } from './connection.ts';
import { benchmarkTable } from './benchmarks.ts';
import type { BenchmarkTable } from './benchmarks.ts';
import { conversationTable } from './conversations.ts';
import type { ConversationTable } from './conversations.ts';
import { crashTable } from './crashes.ts';
import type { CrashTable } from './crashes.ts';
import { openDatabase } from './database.ts';
import { draftTable } from './drafts.ts';
import type { DraftTable } from './drafts.ts';
import { fileHashTable } from './file-hashes.ts';
import type { FileHashTable } from './file-hashes.ts';
import { messageTree } from './message-tree.ts';
import type { MessageTree } from './message-tree.ts';
import { messageTable } from './messages.ts';
import type { MessageTable } from './messages.ts';
import { modelFactsTable } from './model-facts.ts';
import type { ModelFactsTable } from './model-facts.ts';
import { modelTable } from './models.ts';
import type { ModelTable } from './models.ts';
import { modelTemplateTable } from './model-templates.ts';
import type { ModelTemplateTable } from './model-templates.ts';
import { mendConversations } from './mend-conversations.ts';
import { presetTable } from './presets.ts';
import type { PresetTable } from './presets.ts';
import { promptTable } from './prompts.ts';
import type { PromptTable } from './prompts.ts';
import { runTable } from './runs.ts';
import type { RunTable } from './runs.ts';
import { hasDamagedLog, salvage } from './salvage/salvage.ts';
import { searcher } from './search.ts';
import { settingsTable } from './settings.ts';
import type { SettingsTable } from './settings.ts';
import { isDamage, isDamageAtOpening, StoreDamagedError } from './sqlite-errors.ts';
import { asideName, finishSwap, swap } from './swap.ts';

export interface Store {
  readonly conversations: ConversationTable;
  readonly messages: MessageTable;
  readonly tree: MessageTree;
  readonly runs: RunTable;
  readonly drafts: DraftTable;
  readonly presets: PresetTable;
  readonly prompts: PromptTable;
  readonly settings: SettingsTable;
  readonly models: ModelTable;
  readonly fileHashes: FileHashTable;
  readonly crashes: CrashTable;
  readonly modelTemplates: ModelTemplateTable;
  readonly modelFacts: ModelFactsTable;
  readonly benchmarks: BenchmarkTable;
  readonly search: ReturnType<typeof searcher>;
  readonly backups: StoreBackups;
  /** Size of the file with its log. */
  readonly bytes: () => number;
  /** The result of the last repair. */
  readonly salvaged: () => Salvage | undefined;
  /** All changes of `work` are on the disk when this returns, none if it throws. Does not nest. */
  readonly transaction: <T>(work: () => T) => T;
  close(): void;
}

interface StoreBackups {
  list(): readonly Backup[];
  /** Copies the store in the background and repairs it if it is damaged. @throws SQLite's or the system's own error */
  make(reason: BackupReason): Promise<void>;
  /**
   * Replaces the store by a backup. The replaced store becomes a backup itself. Statements continue on the new file.
   * @returns whether a backup has this id
   * @throws StoreDamagedError, StoreTooNewError, the system's own error; the store is then unchanged
   */
  restore(id: string): Promise<boolean>;
}

export interface StoreOptions {
  /** Called after a damaged file was replaced by its readable rest. */
  readonly onSalvaged?: (salvage: Salvage) => void;
  /** Files up to this size are checked before use. Larger ones are checked each day with their backup. */
  readonly checkedBytes?: number;
}

const defaultCheckedBytes = 32 * 1024 * 1024;
const replaced = 'replaced';

/**
 * Opens the store and finishes the last run: streaming answers become interrupted, deleted chats are removed. If the file is
 * damaged, now or later, the readable data moves to a new file and the damaged file stays.
 * @throws StoreTooNewError, or SQLite's own error if the file can be neither read nor created
 */
export function openStore(path: string, { onSalvaged, checkedBytes = defaultCheckedBytes }: StoreOptions = {}): Store {
  const folder = backupFolder(join(dirname(path), 'backups'));
  let salvaged: Salvage | undefined;
  const open = (): DatabaseSync =>
    openDatabase(path, {
      beforeMigration: (database) => {
        checkWhole(database);
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        folder.copy(path, 'migration');
      },
    });
  const repair = (): DatabaseSync => {
    salvaged = salvage(path);
    onSalvaged?.(salvaged);
    return open();
  };
  finishSwap(path);
  takeReplaced(path, (file) => folder.take(file, 'restore'));
  const { connection, tables } = openWhole(path, checkedBytes, open, repair);
  return {
    ...tables,
    bytes: () => sizeOf(path) + sizeOf(`${path}-wal`),
    salvaged: () => salvaged,
    transaction: (work) => connection.transaction(work),
    close: () => connection.close(),
    backups: {
      list: () => folder.list(),
      async make(reason) {
        try {
          await folder.make(connection.database, reason);
        } catch (cause) {
          if (!isDamage(cause)) throw cause;
          connection.repair();
          await folder.make(connection.database, reason);
        }
      },
      async restore(id) {
        const source = folder.find(id);
        if (source === undefined) return false;
        const made = await prepared(source, `${path}.restoring`);
        connection.replace(() => {
          swap(path, made, asideName(path, replaced));
          takeReplaced(path, (file) => folder.take(file, 'restore'));
          return open();
        });
        return true;
      },
    },
  };
}

type Tables = Omit<Store, 'backups' | 'bytes' | 'salvaged' | 'transaction' | 'close'>;

function tablesOn(connection: Connection): Tables {
  const messages = messageTable(connection);
  return {
    conversations: conversationTable(connection),
    messages,
    tree: messageTree(connection, messages),
    runs: runTable(connection),
    drafts: draftTable(connection),
    presets: presetTable(connection),
    prompts: promptTable(connection),
    search: searcher(connection),
    settings: settingsTable(connection),
    models: modelTable(connection),
    fileHashes: fileHashTable(connection),
    crashes: crashTable(connection),
    modelTemplates: modelTemplateTable(connection),
    modelFacts: modelFactsTable(connection),
    benchmarks: benchmarkTable(connection),
  };
}

/** Opening, checking or first using a file shows its damage. */
function openWhole(
  path: string,
  checkedBytes: number,
  open: () => DatabaseSync,
  repair: () => DatabaseSync,
): { readonly connection: Connection; readonly tables: Tables } {
  const use = (database: DatabaseSync): { readonly connection: Connection; readonly tables: Tables } => {
    const connection = new Connection(database, repair);
    try {
      const tables = tablesOn(connection);
      settle(connection, tables);
      return { connection, tables };
    } catch (cause) {
      connection.close();
      throw cause;
    }
  };
  let database: DatabaseSync | undefined;
  try {
    if (hasDamagedLog(path)) throw new StoreDamagedError('The log of the store is damaged.');
    database = open();
    if (sizeOf(path) <= checkedBytes) checkWhole(database);
    return use(database);
  } catch (cause) {
    if (database?.isOpen) database.close();
    if (!isDamageAtOpening(cause)) throw cause;
    return use(repair());
  }
}

/** Also compares indexes with their tables: a lost write leaves an index that finds another message under an id. */
function checkWhole(database: DatabaseSync): void {
  const result = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'];
  if (result !== 'ok') throw new StoreDamagedError(String(result));
}

function settle(connection: Connection, { messages, conversations, drafts }: Tables): void {
  connection.transaction(() => {
    messages.interruptStreaming({
      code: 'engine-lost',
      message: 'Wyvern closed while it wrote this answer. The part that had arrived is kept.',
      hint: 'Send the message again, or continue the answer.',
    });
    messages.purgeDeleted();
    conversations.purgeDeleted();
    mendConversations(connection);
    drafts.purge();
  });
}

/** A copy of a backup, checked completely and migrated to the newest schema. */
async function prepared(source: string, path: string): Promise<string> {
  for (const part of ['', '-wal', '-shm']) removeFileSync(path + part);
  const damage = await findDamage(source);
  if (damage !== undefined) throw new StoreDamagedError(damage);
  copyFileSync(source, path);
  const connection = new Connection(openDatabase(path));
  try {
    settle(connection, tablesOn(connection));
  } finally {
    connection.close();
  }
  return path;
}

/** Stores that a backup replaced, also if the app was killed during that. A store with a log stays in its place. */
function takeReplaced(path: string, take: (file: string) => void): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  const isReplaced = (name: string): boolean => name.startsWith(`${basename(path)}.${replaced}-`) && name.endsWith('Z');
  for (const name of readdirSync(folder).filter(isReplaced)) {
    if (!existsSync(join(folder, `${name}-wal`))) take(join(folder, name));
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
