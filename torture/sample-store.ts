/** A store with every kind of row, for tests that damage it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, Run } from '../preload/contract.ts';
import { openStore } from '../main/store/store.ts';
import type { Store } from '../main/store/store.ts';

/** The bytes of a store and its companion files after a killed run of the app. */
export interface StoreFiles {
  readonly db: Buffer;
  readonly wal: Buffer;
  readonly shm: Buffer;
}

export const parts = { db: '', wal: '-wal', shm: '-shm' } as const;

export const chats = 10;
export const turns = 6;

export function chatId(chat: number): string {
  return `chat-${chat}`;
}

/** Some texts are longer than a page; some use scripts with more bytes per letter. */
function textOf(chat: number, turn: number): string {
  const size = (chat * 7 + turn * 13) % 5 === 0 ? 6000 + chat * 500 : 40 + ((chat * 31 + turn * 17) % 300);
  return `${chat}.${turn} ${'words of a message, grüße, 龍 '.repeat(Math.ceil(size / 28)).slice(0, size)}`;
}

function fillChat({ conversations, tree, runs, drafts, transaction }: Store, chat: number): void {
  const id = chatId(chat);
  transaction(() => {
    conversations.create(id, 1000 + chat);
    conversations.rename(id, `Title of ${chat}`);
    if (chat % 3 === 0) conversations.configure(id, { temperature: 0.5 });
    drafts.set(id, { text: `draft ${chat}`, attachments: [] });
  });
  for (let turn = 0; turn < turns; turn++) {
    transaction(() => {
      const message: Message = {
        id: `m-${chat}-${turn}`,
        role: turn % 2 === 0 ? 'user' : 'assistant',
        text: textOf(chat, turn),
        state: 'complete',
        createdAt: 1000 + chat * 100 + turn,
      };
      tree.append(id, message);
      if (turn % 2 === 1) runs.put(runOf(message.id));
    });
  }
  tree.branch(id, {
    id: `m-${chat}-other`,
    role: 'assistant',
    text: `another answer in ${chat}`,
    state: 'complete',
    createdAt: 2000,
    parentId: `m-${chat}-0`,
  });
  tree.show(`m-${chat}-${turns - 1}`);
}

function runOf(messageId: string): Run {
  const tokens = Array.from({ length: 20 }, (_, index) => ({ text: ` t${index}`, stepUs: 100 + index, samplingUs: 3 }));
  return { messageId, model: 'Tiny', backend: 'CPU', contextLength: 64, tokens };
}

/** Half of the chats are in the file, half in its log; deleted chats left free pages. */
export function makeSampleFiles(): StoreFiles {
  return inFolder((folder) => {
    const path = join(folder, 'wyvern.sqlite');
    const first = openStore(path);
    for (let chat = 0; chat < chats / 2; chat++) fillChat(first, chat);
    first.conversations.create('gone', 1);
    first.transaction(() => {
      for (let turn = 0; turn < 30; turn++)
        first.tree.append('gone', {
          id: `g-${turn}`,
          role: 'user',
          text: 'x'.repeat(3000),
          state: 'complete',
          createdAt: turn,
        });
    });
    first.conversations.delete('gone', 5);
    first.settings.set('theme', 'dark');
    first.presets.save({ id: 'preset', name: 'Mine', settings: { temperature: 1 } });
    first.models.put({ id: 'model', name: 'Tiny', program: '/models/tiny.pte', bytes: 7, files: [] }, 1);
    first.close();
    const second = openStore(path);
    for (let chat = chats / 2; chat < chats; chat++) fillChat(second, chat);
    second.settings.set('temperature', 0.7);
    const read = (part: string): Buffer => readFileSync(path + part);
    const files = { db: read(parts.db), wal: read(parts.wal), shm: read(parts.shm) };
    second.close();
    return files;
  });
}

export function writeFiles(path: string, files: StoreFiles): void {
  for (const [name, part] of Object.entries(parts)) writeFileSync(path + part, files[name as keyof StoreFiles]);
}

export interface Contents {
  readonly conversations: ReadonlyMap<string, string>;
  /** Text by id, in all branches. */
  readonly messages: ReadonlyMap<string, string>;
  /** Ids in the chat's order. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** Ids of messages that appear as damaged. */
  readonly damaged: ReadonlySet<string>;
}

/** Makes every call that a window would make. */
export function readEverything(store: Store): Contents {
  const listed = [...store.conversations.pinned()];
  for (let page = store.conversations.list(7); page.length > 0; page = store.conversations.list(7, page.at(-1))) {
    listed.push(...page);
    if (listed.length > 100) throw new Error('The list of chats has no end');
  }
  const messages = new Map<string, string>();
  const paths = new Map<string, readonly string[]>();
  const damaged = new Set<string>();
  for (const { id } of listed) {
    const path: Message[] = [...store.tree.page(id, 4).messages];
    for (let { earlier } = store.tree.page(id, 4); earlier > 0 && path[0];) {
      const before = store.tree.pageBefore(path[0].id, 4);
      if (before.messages.length === 0) break;
      path.unshift(...before.messages);
      ({ earlier } = before);
    }
    paths.set(
      id,
      path.map((message) => message.id),
    );
    for (const { message } of store.messages.all(id)) messages.set(message.id, message.text);
    for (const message of path) {
      messages.set(message.id, message.text);
      if (message.error?.code === 'message-damaged') damaged.add(message.id);
      store.runs.get(message.id);
    }
    store.conversations.settings(id);
    store.drafts.get(id);
  }
  store.search('words', 20);
  store.search('龍', 20);
  store.settings.all();
  store.presets.list();
  store.models.list();
  return { conversations: new Map(listed.map(({ id, title }) => [id, title])), messages, paths, damaged };
}

/** The store accepts another chat and still has it after reopening. */
export function useOn(store: Store): void {
  store.transaction(() => {
    store.conversations.create('after', 9_000_000_000_000);
    store.tree.append('after', { id: 'after-1', role: 'user', text: 'goes on', state: 'complete', createdAt: 1 });
  });
}

/** Makes a folder for `work` and removes it afterwards. */
export function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-torture-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  let result: T;
  try {
    result = work(folder);
  } catch (cause) {
    remove();
    throw cause;
  }
  if (result instanceof Promise) return result.finally(remove) as T;
  remove();
  return result;
}

/** One run of the app. */
export function using<T>(path: string, work: (store: Store) => T): T {
  const store = openStore(path);
  try {
    return work(store);
  } finally {
    store.close();
  }
}
