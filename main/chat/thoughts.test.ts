import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventName, Events } from '../../preload/contract.ts';
import { EngineHost } from '../engine-host/engine-host.ts';
import { Turns } from '../library/turns.ts';
import { openStore, type Store } from '../store/store.ts';
import { loadedModel, ScriptedEngine, settled } from '../testing/scripted-engine.ts';
import { Chat } from './chat.ts';
import { ChatStores } from './chat-stores.ts';
import { SettingsService } from './settings.ts';

let folder: string;
let store: Store;
let engine: ScriptedEngine;
let chat: Chat;
let told: { readonly name: EventName; readonly payload: unknown }[];

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'wyvern-chat-'));
  store = openStore(join(folder, 'store.sqlite'));
  store.conversations.create('c', 1);
  told = [];
  engine = new ScriptedEngine();
  const host = new EngineHost(engine, () => undefined);
  const settings = new SettingsService(store.settings, () => undefined);
  settings.set({ automaticTitles: false });
  chat = new Chat({
    benchmarks: { stop: () => Promise.resolve() },
    chats: new ChatStores(store),
    turns: new Turns(),
    current: {
      require: () => undefined,
      ready: () => Promise.resolve({ modelId: 'm', host, loaded: loadedModel(), sampling: {} }),
      state: { status: 'none' },
    },
    models: { load: () => undefined },
    settings,
    emit: (name, payload) => told.push({ name, payload }),
  });
});
afterEach(() => {
  vi.useRealTimers();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const heard = <N extends EventName>(name: N): Events[N][] =>
  told.filter((event) => event.name === name).map(({ payload }) => payload as Events[N]);
const send = async (text: string, turn = '1'): Promise<void> => {
  chat.send({ conversationId: 'c', userMessageId: `u${turn}`, answerId: `a${turn}`, text, attachments: [] });
  await settled();
};
const stored = (turn = '1'): object => store.messages.get(`a${turn}`) ?? {};

describe('a thought', () => {
  test('reaches the window apart from the text, and the store with its tokens and time', async () => {
    await send('Hello');
    engine.thinks('They greet');
    engine.thinks(' me.');
    vi.advanceTimersByTime(16);
    engine.tokens('Hi.');
    engine.done('Hi.', 'stop', 'They greet me.');
    expect(heard('chat.tokens').map(({ offset, text, thought }) => [offset, text, thought])).toEqual([
      [0, '', { offset: 0, text: 'They greet' }],
      [0, '', { offset: 10, text: ' me.' }],
      [0, 'Hi.', undefined],
    ]);
    expect(stored()).toMatchObject({ text: 'Hi.', thought: { text: 'They greet me.', tokens: 2, ms: 2 } });
    expect(heard('chat.finished')[0]?.message).toEqual(stored());
    expect(chat.run('a1')?.tokens.map(({ text, thought }) => [text, thought])).toEqual([
      ['', 'They greet'],
      ['', ' me.'],
      ['Hi.', undefined],
    ]);
  });

  test('is saved while it grows, and kept when the engine is lost', async () => {
    await send('Hello');
    engine.thinks('They');
    vi.advanceTimersByTime(1000);
    expect(stored()).toMatchObject({ text: '', state: 'streaming', thought: { text: 'They', tokens: 1 } });
    expect(chat.open('c').messages.at(-1)).toMatchObject({ thought: { text: 'They' } });
    engine.thinks(' greet');
    engine.exit(1);
    expect(stored()).toMatchObject({ state: 'interrupted', thought: { text: 'They greet', tokens: 2 } });
  });

  test('goes on where it was stopped, and its count and time go on too', async () => {
    await send('Hello');
    engine.thinks('They');
    chat.answering.stop('a1');
    engine.done('', 'cancelled', 'They');
    expect(stored()).toMatchObject({ state: 'stopped', text: '', thought: { text: 'They', tokens: 1 } });
    chat.continue({ conversationId: 'c', messageId: 'a1' });
    await settled();
    expect(engine.asked('generate')?.input.prompt).toEqual({
      kind: 'messages',
      continueLast: true,
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: '', thought: 'They' },
      ],
    });
    engine.thinks(' greet me.');
    engine.tokens('Hi.');
    engine.done('Hi.', 'stop', ' greet me.');
    expect(stored()).toMatchObject({ text: 'Hi.', thought: { text: 'They greet me.', tokens: 2, ms: 2 } });
  });

  test('goes with its answer into the prompt, where the template decides about it', async () => {
    await send('Hello');
    engine.thinks('They greet me.');
    engine.tokens('Hi.');
    engine.done('Hi.', 'stop', 'They greet me.');
    await send('And now?', '2');
    expect(engine.asked('generate')?.input.prompt).toMatchObject({
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi.', thought: 'They greet me.' },
        { role: 'user', content: 'And now?' },
      ],
    });
  });

  test('without an answer is no turn of the conversation, and a new answer keeps it as a version', async () => {
    await send('Hello');
    engine.thinks('They');
    chat.answering.stop('a1');
    engine.done('', 'cancelled', 'They');
    chat.regenerate({ conversationId: 'c', messageId: 'a1', answerId: 'b1' });
    await settled();
    expect(store.messages.get('a1')).toBeDefined();
    engine.done('Hi.');
    chat.show({ conversationId: 'c', messageId: 'a1' });
    await send('And now?', '2');
    expect(engine.asked('generate')?.input.prompt).toEqual({
      kind: 'messages',
      messages: [{ role: 'user', content: 'Hello\n\nAnd now?' }],
    });
  });
});

test('the chat’s switch and budget go to the engine; a continued thought has the rest of its budget', async () => {
  store.conversations.configure('c', { thinking: false, maxThoughtTokens: 3 });
  await send('Hello');
  expect(engine.asked('generate')?.input).toMatchObject({ prompt: { thinking: false }, maxThoughtTokens: 3 });
  engine.thinks('They');
  engine.thinks(' greet');
  chat.answering.stop('a1');
  engine.done('', 'cancelled', 'They greet');
  chat.continue({ conversationId: 'c', messageId: 'a1' });
  await settled();
  expect(engine.asked('generate')?.input.maxThoughtTokens).toBe(1);
  engine.done('Hi.');
});
