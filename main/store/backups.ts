/** Backups of the store in their own folder: complete, checked, named by time and reason. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { backup } from 'node:sqlite';
import type { DatabaseSync } from 'node:sqlite';
import { removeFileSync, renameFileSync } from '../files/held.ts';
import type { Backup, BackupReason } from '../../preload/contract.ts';
import { findDamage } from './check.ts';
import { openUnchanging } from './connection.ts';
import { StoreDamagedError } from './sqlite-errors.ts';
import { syncFile } from './swap.ts';

/** Backups that are kept: this many daily ones, and as many others. */
const kept = 7;
/** Pages that another thread copies at a time. The store is locked for that long. */
const pagesAtOnce = 256;
const extension = '.sqlite';
const idForm = /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})-(\d{3})Z-(daily|migration|restore|person)$/;

export interface BackupFolder {
  /** Newest first. Other files in the folder are neither listed nor changed. */
  list(): readonly Backup[];
  /** The path of a backup; undefined if no backup has this id. */
  find(id: string): string | undefined;
  /**
   * Copies a store that stays in use. The copy counts once it was read completely.
   * @throws StoreDamagedError if the copy, and so the store, is damaged
   */
  make(database: DatabaseSync, reason: BackupReason): Promise<void>;
  /** Copies a file that nobody writes to, in one step. */
  copy(path: string, reason: BackupReason): void;
  /** Makes a backup of an unused file by moving it. */
  take(path: string, reason: BackupReason): void;
}

export function backupFolder(folder: string, now: () => number = Date.now): BackupFolder {
  const pathOf = (id: string): string => join(folder, id + extension);
  const newId = (reason: BackupReason): string => `${new Date(now()).toISOString().replaceAll(/[:.]/g, '-')}-${reason}`;
  const names = (): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const ids = (): readonly string[] =>
    names()
      .filter((name) => name.endsWith(extension) && idForm.test(name.slice(0, -extension.length)))
      .map((name) => name.slice(0, -extension.length))
      .sort()
      .reverse();

  /** The name of a copy until it is complete. */
  const keep = (made: string, reason: BackupReason): void => {
    syncFile(made);
    renameFileSync(made, pathOf(newId(reason)));
    const isDaily = (id: string): boolean => id.endsWith('-daily');
    const all = ids();
    for (const id of [...all.filter(isDaily).slice(kept), ...all.filter((one) => !isDaily(one)).slice(kept)])
      removeFileSync(pathOf(id));
  };
  const making = (): string => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'making');
    for (const part of ['', '-wal', '-shm', '-journal']) removeFileSync(path + part);
    return path;
  };
  const discarding = <T>(path: string, cause: T): T => {
    removeFileSync(path);
    return cause;
  };

  return {
    list: () => ids().flatMap((id) => describe(id, pathOf(id))),
    find: (id) => (idForm.test(id) && existsSync(pathOf(id)) ? pathOf(id) : undefined),
    async make(database, reason) {
      const path = making();
      try {
        await backup(database, path, { rate: pagesAtOnce });
        const damage = await findDamage(path);
        if (damage !== undefined) throw new StoreDamagedError(damage);
        keep(path, reason);
      } catch (cause) {
        throw discarding(path, cause);
      }
    },
    copy(source, reason) {
      const path = making();
      try {
        copyFileSync(source, path);
        keep(path, reason);
      } catch (cause) {
        throw discarding(path, cause);
      }
    },
    take(source, reason) {
      mkdirSync(folder, { recursive: true });
      keep(source, reason);
    },
  };
}

function describe(id: string, path: string): readonly Backup[] {
  const [, day, hours, minutes, seconds, ms, reason] = idForm.exec(id) ?? [];
  const createdAt = Date.parse(`${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
  if (Number.isNaN(createdAt)) return [];
  const conversations = countConversations(path);
  return [
    {
      id,
      createdAt,
      bytes: statSync(path).size,
      reason: reason as BackupReason,
      ...(conversations === undefined ? {} : { conversations }),
    },
  ];
}

function countConversations(path: string): number | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = openUnchanging(path);
    const row = database.prepare('SELECT count(*) AS chats FROM conversations WHERE deleted_at IS NULL').get();
    return Number(row?.['chats']);
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}
