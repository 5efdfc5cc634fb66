import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Message } from '../../preload/contract.ts';
import { migrate, openDatabase, StoreTooNewError } from './database.ts';
import { messageDamaged } from './message-row.ts';
import { migrations } from './migrations.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-store-'));
  path = join(folder, 'wyvern.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const message = (id: string, change: Partial<Message> = {}): Message => ({
  id,
  role: 'user',
  text: `text of ${id}`,
  state: 'complete',
  createdAt: 1,
  ...change,
});

/** Opens the store, runs `work` and closes it, as one run of the app does. */
function run<T>(work: (store: Store) => T): T {
  const store = openStore(path);
  try {
    return work(store);
  } finally {
    store.close();
  }
}

describe('stored data', () => {
  test('conversations and messages are there at the next start, in order', () => {
    const figures = {
      model: 'Tiny',
      backend: 'CPU (XNNPACK)',
      promptTokens: 3,
      reusedTokens: 0,
      generatedTokens: 2,
      timeToFirstTokenUs: 10,
      contextUsed: 5,
      contextLength: 64,
      reason: 'stop',
    } as const;
    run(({ conversations, messages, tree }) => {
      conversations.create('c', 5);
      tree.append('c', message('u'));
      tree.append('c', message('a', { role: 'assistant', text: '', state: 'streaming' }));
      messages.finish('a', { text: 'Ünïcode 🐉\0 and NUL', state: 'complete', figures });
      conversations.suggestTitle('c', 'A title');
      conversations.touch('c', 9);
    });
    run(({ conversations, tree }) => {
      expect(conversations.list(10)).toEqual([
        { id: 'c', title: 'A title', createdAt: 5, updatedAt: 9, pinned: false },
      ]);
      expect(tree.path('c')).toEqual([
        message('u'),
        message('a', { role: 'assistant', text: 'Ünïcode 🐉\0 and NUL', figures, parentId: 'u' }),
      ]);
    });
  });

  test('a title that a person gave is not replaced by a suggestion', () => {
    run(({ conversations }) => {
      conversations.create('c', 1);
      conversations.rename('c', 'Mine');
      conversations.suggestTitle('c', 'Suggested');
      expect(conversations.get('c')?.title).toBe('Mine');
    });
  });

  test('the last used conversation comes first', () => {
    run(({ conversations }) => {
      for (const [id, now] of [
        ['old', 1],
        ['older', 0],
        ['new', 2],
      ] as const)
        conversations.create(id, now);
      conversations.touch('older', 3);
      expect(conversations.list(10).map(({ id }) => id)).toEqual(['older', 'new', 'old']);
    });
  });

  test('a deleted conversation can be restored until the next start; then it is gone with its messages', () => {
    run(({ conversations, tree }) => {
      for (const id of ['kept', 'gone']) {
        conversations.create(id, 1);
        tree.append(id, message(`in-${id}`));
        expect(conversations.delete(id, 2)).toBe(true);
        expect(conversations.get(id)).toBeUndefined();
      }
      expect(conversations.restore('kept')?.id).toBe('kept');
      expect(conversations.list(10).map(({ id }) => id)).toEqual(['kept']);
    });
    run(({ conversations, messages, tree }) => {
      expect(conversations.restore('gone')).toBeUndefined();
      expect(messages.get('in-gone')).toBeUndefined();
      expect(tree.path('kept')).toHaveLength(1);
    });
  });

  test('an answer that was streaming when the app ended is interrupted and keeps its text', () => {
    run(({ conversations, messages, tree }) => {
      conversations.create('c', 1);
      tree.append('c', message('a', { role: 'assistant', text: '', state: 'streaming' }));
      messages.saveText('a', 'half an ans', undefined);
    });
    run(({ messages }) => {
      expect(messages.get('a')).toMatchObject({
        text: 'half an ans',
        state: 'interrupted',
        error: { code: 'engine-lost' },
      });
    });
  });

  test('a failed transaction leaves no changes', () => {
    run((store) => {
      store.conversations.create('c', 1);
      store.tree.append('c', message('twice'));
      const append = (): void =>
        store.transaction(() => {
          store.tree.append('c', message('once'));
          store.tree.append('c', message('twice'));
        });
      expect(append).toThrow(/UNIQUE/);
      expect(store.tree.path('c').map(({ id }) => id)).toEqual(['twice']);
    });
  });

  test('one damaged record hides one message or one detail', () => {
    run(({ conversations, tree }) => {
      conversations.create('c', 1);
      for (const id of ['a', 'b', 'c']) tree.append('c', message(id));
    });
    const database = new DatabaseSync(path);
    database.exec(`UPDATE messages SET figures = '{"cut' WHERE id = 'a'`);
    database.exec(`PRAGMA ignore_check_constraints = ON; UPDATE messages SET state = 'unheard of' WHERE id = 'b'`);
    database.close();
    run(({ tree }) =>
      expect(tree.path('c')).toEqual([
        message('a'),
        message('b', { parentId: 'a', state: 'failed', error: messageDamaged }),
        message('c', { parentId: 'b' }),
      ]),
    );
  });

  test('settings and models are stored by key', () => {
    const model = { id: 'm', name: 'Tiny', program: '/models/tiny/model.pte', bytes: 7, license: 'MIT', files: [] };
    run(({ settings, models }) => {
      settings.set('theme', 'dark');
      settings.set('theme', 'light');
      models.put(model, 1);
      models.put({ ...model, name: 'Tinier' }, 2);
      models.put({ id: 'n', name: 'Other', program: '/other.pte', bytes: 1, files: [] }, 3);
      models.markUsed('m', 4);
    });
    run(({ settings, models }) => {
      expect(settings.all()).toEqual({ theme: 'light' });
      expect(models.list().map(({ name }) => name)).toEqual(['Tinier', 'Other']);
      expect(models.lastUsed()).toEqual({ ...model, name: 'Tinier', usedAt: 4 });
      expect(models.findByProgram('/other.pte')?.id).toBe('n');
      models.remove('m');
      expect(models.lastUsed()).toBeUndefined();
    });
  });
});

describe('opening', () => {
  test('commits reach the disk: write-ahead log, full synchronisation, foreign keys, no writing to internals', () => {
    const database = openDatabase(path);
    const pragma = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect({
      mode: pragma('journal_mode'),
      synchronous: pragma('synchronous'),
      keys: pragma('foreign_keys'),
      wait: pragma('busy_timeout'),
      trusted: pragma('trusted_schema'),
      overwritten: pragma('secure_delete'),
    }).toEqual({
      mode: 'wal',
      synchronous: 2,
      keys: 1,
      wait: 5000,
      trusted: 0,
      overwritten: 1,
    });
    const tables = database
      .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
      .all();
    const loose = tables.filter(({ name, strict }) => strict !== 1 && !String(name).startsWith('sqlite_'));
    expect(loose).toEqual([]);
    expect(() => database.exec('PRAGMA writable_schema = ON; DELETE FROM sqlite_schema')).toThrow();
    database.close();
  });

  test('a migration step is applied completely or not at all', () => {
    const database = new DatabaseSync(path);
    const first = 'CREATE TABLE one (x INTEGER) STRICT';
    const broken = 'CREATE TABLE two (x INTEGER) STRICT; CREATE TABLE one (x INTEGER) STRICT';
    expect(() => migrate(database, [first, broken])).toThrow(/already exists/);
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    expect(tables.map(({ name }) => name)).toEqual(['one']);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    migrate(database, ['never run again', 'CREATE TABLE two (x INTEGER) STRICT']);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
    database.close();
  });

  test('a store of a later version is refused with its version, and no byte changes', () => {
    openStore(path).close();
    const database = new DatabaseSync(path);
    database.exec(`CREATE TABLE later (x INTEGER) STRICT; PRAGMA user_version = ${migrations.length + 1}`);
    database.close();
    const before = readFileSync(path);
    expect(() => openStore(path)).toThrow(StoreTooNewError);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['wyvern.sqlite']);
  });

  test('a damaged version number does not count as a later version', () => {
    fill();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 4096');
    database.close();
    run((store) => expect(store.tree.path('c')).toHaveLength(200));
  });

  /** A store that spans several pages. */
  function fill(): void {
    run((store) => {
      store.conversations.create('c', 1);
      store.transaction(() => {
        for (let n = 0; n < 200; n++) store.tree.append('c', message(`m${n}`, { text: 'x'.repeat(n * 10) }));
      });
    });
  }
  const damages: readonly (readonly [string, () => void])[] = [
    ['text', () => writeFileSync(path, 'this was never a database, whatever its name says'.repeat(100))],
    ['nothing but NULs, as a power cut leaves it', () => writeFileSync(path, Buffer.alloc(64_560))],
    ['a database whose schema was overwritten', () => overwrite(100, 3900)],
    ['a database cut in the middle', () => truncateSync(path, 5000)],
  ];
  test.each(damages)('%s: the app starts with the readable rest and keeps the damaged file', (_what, damage) => {
    fill();
    damage();
    const original = readFileSync(path);
    run((store) => {
      const salvage = store.salvaged();
      expect(readFileSync(salvage!.original).equals(original)).toBe(true);
      expect(salvage!.messages).toBe(store.tree.path('c').filter(({ error }) => !error).length);
      store.conversations.create('new', 1);
    });
    run((store) => {
      expect(store.salvaged()).toBeUndefined();
      expect(store.conversations.get('new')).toBeDefined();
    });
  });

  test('two repairs in one millisecond keep both damaged files, and no old log gets into the new store', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    fill();
    const originals = [1, 2].map(() => {
      // As after a kill: the log is still there.
      writeFileSync(`${path}-wal`, Buffer.alloc(4096, 7));
      overwrite(0, 100);
      return run((store) => store.salvaged()?.original);
    });
    vi.useRealTimers();
    expect(new Set(originals).size).toBe(2);
    for (const original of originals) {
      expect(existsSync(String(original))).toBe(true);
      expect(readFileSync(`${original}-wal`)).toHaveLength(4096);
    }
  });

  test('an index that finds another message under an id is repaired', () => {
    fill();
    const database = new DatabaseSync(path);
    const { rootpage, page_size: pageSize } = database
      .prepare(
        "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'sqlite_autoindex_messages_1'",
      )
      .get() as { rootpage: number; page_size: number };
    database.close();
    const bytes = readFileSync(path);
    const page = bytes.subarray((rootpage - 1) * pageSize, rootpage * pageSize);
    const at = page.indexOf('m10');
    expect(at).toBeGreaterThan(0);
    page.write('x10', at);
    writeFileSync(path, bytes);
    run((store) => {
      expect(store.salvaged()).toMatchObject({ conversations: 1, messages: 200 });
      expect(store.messages.get('m10')?.id).toBe('m10');
    });
  });

  test('an overwritten header costs no message', () => {
    fill();
    overwrite(0, 100);
    run((store) => {
      expect(store.salvaged()).toMatchObject({ conversations: 1, messages: 200 });
      expect(store.tree.path('c')).toHaveLength(200);
    });
  });

  function overwrite(start: number, length: number): void {
    const bytes = readFileSync(path);
    bytes.fill(0xa5, start, start + length);
    writeFileSync(path, bytes);
  }
});
