import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../preload/contract.ts';
import { migrate } from './database.ts';
import { duplicateConversation } from './duplicate.ts';
import { migrations } from './migrations.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';

let folder: string;
let path: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-tree-'));
  path = join(folder, 'store.sqlite');
  store = openStore(path);
  store.conversations.create('c', 1);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const message = (id: string, parentId?: string): Message => ({
  id,
  role: id.startsWith('u') ? 'user' : 'assistant',
  text: `text of ${id}`,
  state: 'complete',
  createdAt: 1,
  ...(parentId === undefined ? {} : { parentId }),
});
const shown = (): readonly string[] => store.tree.path('c').map(({ id }) => id);
const add = (id: string, parentId?: string): void => store.tree.branch('c', message(id, parentId));

describe('branches', () => {
  beforeEach(() => {
    for (const id of ['u1', 'a1', 'u2', 'a2']) store.tree.append('c', message(id));
  });

  test('another version replaces the first on screen; the first stays stored', () => {
    add('u2b', 'a1');
    add('a2b', 'u2b');
    expect(shown()).toEqual(['u1', 'a1', 'u2b', 'a2b']);
    expect(store.tree.path('c').map(({ versions }) => versions)).toEqual([
      undefined,
      undefined,
      ['u2', 'u2b'],
      undefined,
    ]);
    store.tree.show('u2');
    expect(shown()).toEqual(['u1', 'a1', 'u2', 'a2']);
  });

  test('each branch remembers the path that was shown below it', () => {
    add('a2b', 'u2');
    add('u2b', 'a1');
    expect(shown()).toEqual(['u1', 'a1', 'u2b']);
    store.tree.show('u2');
    expect(shown()).toEqual(['u1', 'a1', 'u2', 'a2b']);
    store.tree.show('a2');
    add('u1b');
    expect(shown()).toEqual(['u1b']);
    store.tree.show('u1');
    expect(shown()).toEqual(['u1', 'a1', 'u2', 'a2']);
  });

  test('a deleted message takes its followers along and brings them back', () => {
    add('u2b', 'a1');
    add('a2b', 'u2b');
    store.tree.delete('u2b', 5);
    expect(shown()).toEqual(['u1', 'a1', 'u2', 'a2']);
    expect(store.tree.path('c')[2]?.versions).toBeUndefined();
    expect(store.tree.restore('u2b')).toBe(true);
    expect(shown()).toEqual(['u1', 'a1', 'u2b', 'a2b']);
    store.tree.delete('u1', 6);
    expect(shown()).toEqual([]);
    expect(store.tree.restore('u1')).toBe(true);
    expect(shown()).toEqual(['u1', 'a1', 'u2b', 'a2b']);
    expect(store.tree.restore('u1')).toBe(false);
  });

  test('undoing a deletion keeps an earlier deletion below it', () => {
    store.tree.delete('a2', 5);
    store.tree.delete('u2', 6);
    expect(shown()).toEqual(['u1', 'a1']);
    store.tree.restore('u2');
    expect(shown()).toEqual(['u1', 'a1', 'u2']);
  });

  test('a deletion in a hidden branch does not change the shown one', () => {
    add('u2b', 'a1');
    store.tree.delete('u2', 5);
    expect(shown()).toEqual(['u1', 'a1', 'u2b']);
  });

  test('deleted messages are gone at the next start', () => {
    store.tree.delete('u2', 5);
    store.close();
    store = openStore(path);
    expect(store.tree.restore('u2')).toBe(false);
    expect(shown()).toEqual(['u1', 'a1']);
  });

  test('a damaged leaf and a circle of parents hide nothing', () => {
    const database = new DatabaseSync(path);
    database.exec("UPDATE conversations SET leaf_id = 'gone'; UPDATE messages SET parent_id = 'a2' WHERE id = 'a1'");
    database.close();
    expect(shown()).toEqual(['u1', 'a1', 'u2', 'a2']);
  });

  test('a duplicate has every version, and leaves the original alone', () => {
    add('u2b', 'a1');
    store.transaction(() => duplicateConversation(store, 'c', { id: 'd', title: 'Copy', now: 9 }));
    const copy = store.tree.path('d');
    expect(copy.map(({ text }) => text)).toEqual(['text of u1', 'text of a1', 'text of u2b']);
    expect(copy[2]?.versions).toHaveLength(2);
    store.tree.show(copy[2]!.versions![0]!);
    expect(store.tree.path('d').map(({ text }) => text)).toEqual(
      [1, 2].flatMap((n) => [`text of u${n}`, `text of a${n}`]),
    );
    expect(shown()).toEqual(['u1', 'a1', 'u2b']);
  });
});

describe('pages', () => {
  beforeEach(() => {
    store.transaction(() => {
      for (let n = 0; n < 5000; n++) store.tree.append('c', message(`${n % 2 === 0 ? 'u' : 'a'}${n}`));
    });
  });

  test('the end is read first, earlier messages in pages, all in order', () => {
    const last = store.tree.page('c', 100);
    expect(last.messages.map(({ id }) => id).at(0)).toBe('u4900');
    expect(last).toMatchObject({ earlier: 4900 });
    const before = store.tree.pageBefore('u4900', 100);
    expect([before.messages.at(0)?.id, before.messages.at(-1)?.id, before.earlier]).toEqual(['u4800', 'a4899', 4800]);
    const through = store.tree.pageBefore('u4900', 100, 'u50');
    expect([through.messages.length, through.earlier]).toEqual([4850, 50]);
    expect(store.tree.pageBefore('u0', 100)).toEqual({ messages: [], earlier: 0 });
    expect(store.tree.page('c', 100, 'a7')).toMatchObject({ earlier: 7 });
  });

  test('a chain longer than SQLite’s trigger depth can be deleted, also permanently', () => {
    store.tree.delete('u0', 5);
    expect(shown()).toEqual([]);
    store.close();
    store = openStore(path);
    expect(store.messages.get('a4999')).toBeUndefined();
  });
});

test('a store of the first version keeps its chats as one path each', () => {
  const old = join(folder, 'old.sqlite');
  const database = new DatabaseSync(old);
  migrate(database, migrations.slice(0, 1));
  database.exec(`
    INSERT INTO conversations (id, title, created_at, updated_at) VALUES ('x', 'Old', 1, 2), ('y', 'Empty', 1, 1);
    INSERT INTO messages (id, conversation_id, position, role, text, state, created_at) VALUES
      ('q', 'x', 1, 'user', 'Where do wyverns nest?', 'complete', 1),
      ('r', 'x', 3, 'assistant', 'On cliffs.', 'complete', 1),
      ('s', 'x', 4, 'user', 'Thanks', 'complete', 1);`);
  database.close();
  const opened = openStore(old);
  expect(opened.tree.path('x').map(({ id, parentId }) => [id, parentId])).toEqual([
    ['q', undefined],
    ['r', 'q'],
    ['s', 'r'],
  ]);
  expect(opened.tree.path('y')).toEqual([]);
  expect(opened.search('wyvern', 5)).toMatchObject([{ conversationId: 'x', message: { id: 'q' } }]);
  opened.close();
});

test('after any branching, showing, deleting and restoring, one path is shown, each message below its parent', () => {
  const step = fc.record({ do: fc.constantFrom('add', 'show', 'delete', 'restore'), at: fc.nat(30) });
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const id = `p${run++}`;
      store.conversations.create(id, 1);
      const ids: string[] = [];
      const deleted = new Set<string>();
      for (const [index, { do: what, at }] of steps.entries()) {
        const picked = ids[at % (ids.length + 1)];
        const alive = picked !== undefined && store.messages.get(picked) !== undefined;
        if (what === 'add') {
          const made = `${id}m${index}`;
          store.tree.branch(id, message(made, alive ? picked : undefined));
          ids.push(made);
        } else if (alive && what === 'show') {
          store.tree.show(picked);
          expect(store.tree.path(id).map((item) => item.id)).toContain(picked);
        } else if (alive && what === 'delete') {
          store.tree.delete(picked, index);
          deleted.add(picked);
        } else if (what === 'restore' && picked !== undefined && deleted.has(picked)) {
          const parent = store.tree.pathTo(picked).at(-2);
          // The window offers undo for the latest deletions; their parents exist.
          if (!parent || store.messages.get(parent.id)) store.tree.restore(picked);
        }
        const now = store.tree.path(id);
        expect(now.map((item) => item.parentId)).toEqual(
          [undefined, ...now.slice(0, -1).map((item) => item.id)].slice(0, now.length),
        );
        expect(now.every((item) => store.messages.get(item.id))).toBe(true);
        const left = store.messages.all(id).length;
        expect(now.length > 0).toBe(left > 0);
      }
    }),
    { numRuns: 60 },
  );
});
