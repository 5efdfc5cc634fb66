/** Temporary chats live in memory: the store never sees them, unless one is kept. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventName } from '../../preload/contract.ts';
import { EngineHost } from '../engine-host/engine-host.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { loadedModel, ScriptedEngine, settled } from '../testing/scripted-engine.ts';
import { Turns } from '../library/turns.ts';
import { ChatStores } from './chat-stores.ts';
import { Chat } from './chat.ts';
import { Conversations } from './conversations.ts';
import { SettingsService } from './settings.ts';

let folder: string;
let store: Store;
let engine: ScriptedEngine;
let chats: ChatStores;
let chat: Chat;
let conversations: Conversations;
let told: EventName[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-temporary-'));
  store = openStore(join(folder, 'store.sqlite'));
  engine = new ScriptedEngine();
  told = [];
  chats = new ChatStores(store);
  const emit = (name: EventName): void => void told.push(name);
  const host = new EngineHost(engine, () => undefined);
  chat = new Chat({
    chats,
    benchmarks: { stop: () => Promise.resolve() },
    turns: new Turns(),
    current: {
      require: () => undefined,
      ready: () => Promise.resolve({ modelId: 'm', host, loaded: loadedModel(), sampling: {} }),
      state: { status: 'none' },
    },
    models: { load: () => undefined },
    settings: new SettingsService(store.settings, () => undefined),
    emit,
  });
  conversations = new Conversations(store, chats, chat, emit);
});
afterEach(() => {
  vi.restoreAllMocks();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const send = (text: string, turn = '1'): ReturnType<Chat['send']> =>
  chat.send({ conversationId: 't', userMessageId: `u${turn}`, answerId: `a${turn}`, text, attachments: [] });

async function answered(text: string): Promise<void> {
  await settled();
  engine.tokens(text);
  engine.done(text);
}

test('is in no list of the store, and has a prompt, an answer, times and a draft like other chats', async () => {
  conversations.beginTemporary('t', { systemPrompt: 'Be brief.' });
  send('Hello');
  await answered('Hi.');
  conversations.setDraft('t', { text: 'Not sent', attachments: [] });
  expect(engine.asked('generate')?.input.prompt).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ],
  });
  const opened = conversations.open('t');
  expect(opened.messages).toMatchObject([{ text: 'Hello' }, { text: 'Hi.', state: 'complete' }]);
  expect(opened).toMatchObject({ settings: { systemPrompt: 'Be brief.' }, draft: { text: 'Not sent' } });
  expect(chat.run('a1')?.tokens).toHaveLength(1);
  expect(conversations.list(10, undefined)).toMatchObject({
    conversations: [],
    temporary: { id: 't', title: 'Hello' },
  });
  expect(store.conversations.isTaken('t')).toBe(false);
  expect(store.messages.isTaken('u1')).toBe(false);
  expect(store.runs.get('a1')).toBeUndefined();
  expect(store.drafts.get('t').text).toBe('');
});

test('the model gives it no title', async () => {
  conversations.beginTemporary('t', undefined);
  send('Hello');
  await answered('Hi.');
  expect(engine.requests.filter(({ type }) => type === 'generate')).toHaveLength(1);
});

test('ends during an answer: the answer stops, and then the chat is unknown', async () => {
  conversations.beginTemporary('t', undefined);
  send('Hello');
  await settled();
  engine.tokens('Hi');
  const ended = conversations.endTemporary('t');
  expect(chats.open).toBeUndefined();
  expect(engine.requests.at(-1)?.type).toBe('stop');
  engine.done('Hi', 'cancelled');
  await ended;
  expect(() => conversations.open('t')).toThrow('no longer exists');
  expect(store.messages.isTaken('a1')).toBe(false);
});

test('bug: a draft that arrives after the end is not stored', async () => {
  conversations.beginTemporary('t', undefined);
  await conversations.endTemporary('t');
  expect(() => conversations.setDraft('t', { text: 'Late', attachments: [] })).toThrow('no longer exists');
  expect(store.drafts.get('t').text).toBe('');
});

test('is kept with versions, times, settings and draft', async () => {
  conversations.beginTemporary('t', { temperature: 0 });
  send('First');
  await answered('One.');
  chat.edit({
    conversationId: 't',
    messageId: 'u1',
    userMessageId: 'u2',
    answerId: 'a2',
    text: 'Second',
    attachments: [{ name: 'a.txt', text: 'A file' }],
  });
  await answered('Two.');
  conversations.setContextPolicy('t', 'drop-oldest');
  conversations.setDraft('t', { text: 'Next', attachments: [] });
  const before = conversations.open('t');
  const run = chat.run('a2');
  expect(conversations.keepTemporary('t')).toMatchObject({ id: 't', title: 'First', contextPolicy: 'drop-oldest' });
  expect(chats.open).toBeUndefined();
  expect(conversations.open('t')).toEqual(before);
  expect(store.tree.path('t').map(({ text }) => text)).toEqual(['Second', 'Two.']);
  expect(store.tree.pathTo('a1').map(({ text }) => text)).toEqual(['First', 'One.']);
  expect(store.runs.get('a2')).toEqual(run);
});

test('is kept during an answer, which the store then gets', async () => {
  conversations.beginTemporary('t', undefined);
  send('Hello');
  await settled();
  engine.tokens('Hi');
  conversations.keepTemporary('t');
  expect(store.messages.get('a1')).toMatchObject({ text: 'Hi', state: 'streaming' });
  engine.tokens(' there.');
  engine.done('Hi there.');
  expect(store.messages.get('a1')).toMatchObject({ text: 'Hi there.', state: 'complete' });
  expect(store.runs.get('a1')?.tokens).toHaveLength(2);
});

test('stays temporary if the store refuses it', async () => {
  conversations.beginTemporary('t', undefined);
  send('Hello');
  await answered('Hi.');
  store.conversations.create('t', 1);
  expect(() => conversations.keepTemporary('t')).toThrow();
  expect(chats.hasUnkept).toBe(true);
  expect(store.messages.isTaken('u1')).toBe(false);
});
