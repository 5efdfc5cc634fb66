import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callInputs } from '../../preload/contract.ts';
import { Data } from '../data.ts';
import { AppFailure } from '../failure.ts';
import { backupFolder } from './backups.ts';
import { migrations } from './migrations.ts';
import { StoreDamagedError } from './sqlite-errors.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';
import { finishSwap } from './swap.ts';

let folder: string;
let path: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-backups-'));
  path = join(folder, 'wyvern.sqlite');
  store = openStore(path);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, 'backups', name);

function addChat(id: string): void {
  store.conversations.create(id, 1);
  store.tree.append(id, { id: `in-${id}`, role: 'user', text: `text of ${id}`, state: 'complete', createdAt: 1 });
}

const listed = (): readonly string[] => store.conversations.list(10).map(({ id }) => id);

describe('making', () => {
  test('a backup contains the store as it was at the start, although writes go on', async () => {
    addChat('before');
    const making = store.backups.make('person');
    addChat('meanwhile');
    await making;
    const [backup] = store.backups.list();
    expect(backup).toMatchObject({ reason: 'person' });
    expect(backup!.conversations).toBeGreaterThanOrEqual(1);
    expect(readdirSync(join(folder, 'backups'))).toEqual([`${backup!.id}.sqlite`]);
  });

  test('seven daily backups and seven others are kept; files with other names stay', async () => {
    let now = Date.UTC(2026, 0, 1);
    const backups = backupFolder(join(folder, 'backups'), () => (now += 86_400_000));
    mkdirSync(join(folder, 'backups'));
    writeFileSync(at('mine.sqlite'), 'not a backup');
    const database = new DatabaseSync(':memory:');
    for (let day = 0; day < 9; day++) {
      await backups.make(database, 'daily');
      await backups.make(database, day % 2 === 0 ? 'person' : 'restore');
    }
    database.close();
    expect(backups.list().filter(({ reason }) => reason === 'daily')).toHaveLength(7);
    expect(backups.list()).toHaveLength(14);
    expect(backups.list().map(({ createdAt }) => createdAt)).toEqual(
      backups
        .list()
        .map(({ createdAt }) => createdAt)
        .sort((a, b) => b - a),
    );
    expect(readFileSync(at('mine.sqlite'), 'utf8')).toBe('not a backup');
  });

  test('a store whose damage shows while it is copied is repaired, then copied', async () => {
    store.close();
    store = openStore(path, { checkedBytes: 0 });
    addChat('kept');
    store.close();
    const bytes = readFileSync(path);
    const page = bytes.indexOf(Buffer.from('text of kept'));
    // The header of the page: its cells overlap.
    bytes.fill(0xff, page - (page % 4096) + 5, page - (page % 4096) + 7);
    writeFileSync(path, bytes);
    store = openStore(path, { checkedBytes: 0 });
    await store.backups.make('daily');
    expect(listed()).toEqual(['kept']);
    expect(store.backups.list()[0]?.conversations).toBe(1);
  });
});

describe('restoring', () => {
  test('the store is as it was and its statements work; the store before it becomes a backup', async () => {
    addChat('old');
    await store.backups.make('person');
    const { id } = store.backups.list()[0]!;
    addChat('new');
    expect(await store.backups.restore(id)).toBe(true);
    expect(listed()).toEqual(['old']);
    addChat('after');
    const before = store.backups.list().find(({ reason }) => reason === 'restore');
    expect(before?.conversations).toBe(2);
    expect(await store.backups.restore(before!.id)).toBe(true);
    expect([...listed()].sort()).toEqual(['new', 'old']);
    store.close();
    store = openStore(path);
    expect([...listed()].sort()).toEqual(['new', 'old']);
  });

  test('a damaged, a newer and a missing backup change nothing', async () => {
    addChat('kept');
    await store.backups.make('person');
    const { id } = store.backups.list()[0]!;
    const bytes = readFileSync(at(`${id}.sqlite`));
    writeFileSync(at(`${id}.sqlite`), Buffer.from(bytes).fill(0x5a, 4096, 9000));
    await expect(store.backups.restore(id)).rejects.toThrow(StoreDamagedError);

    writeFileSync(at(`${id}.sqlite`), bytes);
    const later = new DatabaseSync(at(`${id}.sqlite`));
    later.exec(`CREATE TABLE later (x INTEGER) STRICT; PRAGMA user_version = ${migrations.length + 1}`);
    later.close();
    await expect(store.backups.restore(id)).rejects.toThrow(/later version/);

    expect(await store.backups.restore('2026-01-01T00-00-00-000Z-daily')).toBe(false);
    expect(listed()).toEqual(['kept']);
  });

  test.each(['../wyvern', '..\\wyvern', '/etc/passwd', 'C:wyvern', 'a/b', '.', '', 'x'.repeat(65), 'making', 'mine'])(
    'a backup is named by its id, never by a path: %j',
    async (id) => {
      addChat('kept');
      writeFileSync(join(folder, 'mine.sqlite'), 'x');
      expect(callInputs['data.restore'].safeParse({ id }).success && (await store.backups.restore(id))).toBe(false);
      expect(await store.backups.restore(id)).toBe(false);
      expect(listed()).toEqual(['kept']);
    },
  );

  test.each(['', '-wal', '-shm'])(
    'a kill after the change had moved the store’s %j finishes it at the next start',
    (moved) => {
      addChat('old');
      store.close();
      const made = `${path}.made`;
      const other = openStore(made);
      other.conversations.create('new', 1);
      other.close();
      const aside = `${path}.damaged-now`;
      writeFileSync(`${path}-wal`, 'left');
      writeFileSync(`${path}-shm`, 'left');
      renameSync(made, `${aside}.ready`);
      const parts = ['-wal', '-shm', ''];
      for (const part of parts.slice(0, parts.indexOf(moved) + 1)) renameSync(path + part, aside + part);
      finishSwap(path);
      expect(readdirSync(folder).filter((name) => name.endsWith('.ready'))).toEqual([]);
      store = openStore(path);
      expect(store.salvaged()).toBeUndefined();
      expect(listed()).toEqual(['new']);
    },
  );
});

describe('the service', () => {
  const service = (now = Date.now()): { readonly data: Data; readonly renewed: () => number } => {
    let renewals = 0;
    const pause = (): Promise<void> =>
      store.conversations.get('busy') ? Promise.reject(new AppFailure('answer-running', 'Busy.')) : Promise.resolve();
    const onReplaced = (): Promise<void> => {
      renewals += 1;
      return Promise.resolve();
    };
    return { data: new Data({ store, path, pause, onReplaced, now: () => now }), renewed: () => renewals };
  };

  test('each day has one backup; an empty store has none', async () => {
    const { data } = service();
    await data.backUpDaily();
    expect(data.get().backups).toEqual([]);
    addChat('c');
    await data.backUpDaily();
    await data.backUpDaily();
    expect(data.get().backups.map(({ reason }) => reason)).toEqual(['daily']);
    await service(Date.now() + 86_400_000).data.backUpDaily();
    expect(data.get().backups).toHaveLength(2);
  });

  test('restoring is refused while an answer is written, and changes nothing', async () => {
    addChat('old');
    const { data, renewed } = service();
    const { backups } = await data.backUp();
    addChat('busy');
    await expect(data.restore(backups[0]!.id)).rejects.toMatchObject({ error: { code: 'answer-running' } });
    expect(renewed()).toBe(0);
    store.conversations.delete('busy', 1);
    await data.restore(backups[0]!.id);
    expect(renewed()).toBe(1);
    expect(listed()).toEqual(['old']);
    await expect(data.restore('2026-01-01T00-00-00-000Z-daily')).rejects.toMatchObject({
      error: { code: 'backup-not-found' },
    });
  });
});
