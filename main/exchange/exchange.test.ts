import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { Exchange } from './exchange.ts';
import type { SaveQuestion } from '../strings/save-question.ts';
import { toFileChat } from './chat-file.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-exchange-'));
  store = openStore(join(folder, 'store', 'wyvern.sqlite'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A chat with a question and two versions of its answer. */
function addChat(id: string, title: string, now: number): void {
  store.conversations.create(id, now);
  store.conversations.rename(id, title);
  store.conversations.configure(id, { temperature: 0, stopStrings: ['\n'] });
  const base = { state: 'complete', createdAt: now } as const;
  store.tree.append(id, { ...base, id: `${id}-q`, role: 'user', text: 'Ask', attachments: [{ name: 'n', text: 't' }] });
  store.tree.append(id, { ...base, id: `${id}-1`, role: 'assistant', text: 'First' });
  store.tree.branch(id, {
    ...base,
    id: `${id}-2`,
    parentId: `${id}-q`,
    role: 'assistant',
    text: 'Sec',
    state: 'streaming',
  });
}

function exchange(path: string | undefined, asked: SaveQuestion[] = []): Exchange {
  return new Exchange({
    store,
    chooseSave: (question) => {
      asked.push(question);
      return Promise.resolve(path);
    },
  });
}

describe('export', () => {
  test('one chat is exported with every version and marks the shown ones', async () => {
    addChat('one', 'A: b/c?', 5);
    const asked: SaveQuestion[] = [];
    const path = join(folder, 'out.json');
    expect(await exchange(path, asked).export(['one'], 'json')).toEqual({ path, chats: 1 });
    expect(asked[0]?.name).toBe('A b c.json');
    const file = JSON.parse(readFileSync(path, 'utf8')) as { format: string; version: number; chats: unknown[] };
    expect(file).toMatchObject({ format: 'wyvern-chats', version: 1 });
    const [chat] = file.chats.map(toFileChat);
    expect(chat).toMatchObject({
      title: 'A: b/c?',
      settings: { temperature: 0, stopStrings: ['\n'] },
      leafId: 'one-2',
      messages: [
        { id: 'one-q', active: true, attachments: [{ name: 'n', text: 't' }] },
        { id: 'one-1', parentId: 'one-q', active: false },
        { id: 'one-2', parentId: 'one-q', active: true, state: 'interrupted' },
      ],
    });
  });

  test('all chats are exported, more than a page, one on each line, pinned ones first', async () => {
    for (let i = 0; i < 1203; i++) store.conversations.create(`c${i}`, i);
    store.conversations.pin('c7', true);
    const path = join(folder, 'all.json');
    expect(await exchange(path).export(undefined, 'json')).toEqual({ path, chats: 1203 });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1205);
    const ids = (JSON.parse(lines.join('\n')) as { chats: { id: string }[] }).chats.map(({ id }) => id);
    expect(ids[0]).toBe('c7');
    expect(ids[1]).toBe('c1202');
    expect(new Set(ids).size).toBe(1203);
  });

  test('a chat that is deleted while the person chooses a name is left out', async () => {
    addChat('one', 'One', 1);
    addChat('two', 'Two', 2);
    const path = join(folder, 'out.json');
    const asking = new Exchange({
      store,
      chooseSave: () => {
        store.conversations.delete('one', 3);
        return Promise.resolve(path);
      },
    });
    expect(await asking.export(['one', 'two'], 'json')).toEqual({ path, chats: 1 });
  });

  test('a failed write keeps the old file and leaves no partial one', async () => {
    addChat('one', 'One', 1);
    const path = join(folder, 'out.md');
    writeFileSync(path, 'before');
    store.conversations.create('two', 2);
    const get: typeof store.conversations.get = (id) => {
      if (id === 'two' && readdirSync(folder).some((name) => name.endsWith('.tmp'))) throw new Error('disk');
      return store.conversations.get(id);
    };
    const failing = { ...store, conversations: { ...store.conversations, get } };
    const broken = new Exchange({ store: failing, chooseSave: () => Promise.resolve(path) });
    await expect(broken.export(['one', 'two'], 'markdown')).rejects.toMatchObject({
      error: { code: 'file-not-written' },
    });
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder).filter((name) => name !== 'store')).toEqual(['out.md']);
  });

  test('a missing folder is an error with a next step; cancelling is not an error', async () => {
    addChat('one', 'One', 1);
    await expect(exchange(join(folder, 'none', 'x.json')).export(['one'], 'json')).rejects.toMatchObject({
      error: { code: 'file-not-written', hint: expect.any(String) as string },
    });
    expect(await exchange(undefined).export(['one'], 'json')).toBeUndefined();
    await expect(exchange('x').export(['gone'], 'json')).rejects.toMatchObject({
      error: { code: 'conversation-not-found' },
    });
  });
});
