import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventName, Events } from '../preload/contract.ts';
import { Chat } from './chat.ts';
import { EngineHost } from './engine-host.ts';
import { AppFailure } from './failure.ts';
import type { ReadyModel } from './model-library.ts';
import { SettingsService } from './settings.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/store.ts';
import { loadedModel, ScriptedEngine, settled } from './testing/scripted-engine.ts';

let folder: string;
let store: Store;
let engine: ScriptedEngine;
let chat: Chat;
let model: PromiseWithResolvers<ReadyModel>;
let available: boolean;
let told: { readonly name: EventName; readonly payload: unknown }[];

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'wyvern-chat-'));
  store = openStore(join(folder, 'store.sqlite'));
  store.conversations.create('c', 1);
  told = [];
  available = true;
  begin();
  give();
});
afterEach(() => {
  vi.useRealTimers();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A chat whose model is still being loaded. */
function begin(): void {
  engine = new ScriptedEngine();
  model = Promise.withResolvers<ReadyModel>();
  model.promise.catch(() => undefined);
  chat = new Chat({
    store,
    models: {
      requireModel: () => {
        if (!available) throw new AppFailure('model-not-loaded', 'No model is loaded.');
      },
      ready: () => model.promise,
    },
    settings: new SettingsService(store.settings, () => undefined),
    emit: (name, payload) => told.push({ name, payload }),
  });
}

/** The model is loaded now, in a process of its own. */
function give(): void {
  model.resolve({ host: new EngineHost(engine, () => undefined), loaded: loadedModel(), sampling: {} });
}

const heard = <N extends EventName>(name: N): Events[N][] =>
  told.filter((event) => event.name === name).map(({ payload }) => payload as Events[N]);
const send = (text: string, turn = '1'): ReturnType<Chat['send']> =>
  chat.send({ conversationId: 'c', userMessageId: `u${turn}`, answerId: `a${turn}`, text });
const asked = (): unknown => engine.asked('generate')?.input.prompt;

describe('sending', () => {
  test('both messages are on the disk before the engine is asked', async () => {
    send('Hello');
    expect(engine.requests).toEqual([]);
    expect(store.messages.of('c')).toMatchObject([
      { id: 'u1', role: 'user', text: 'Hello', state: 'complete' },
      { id: 'a1', role: 'assistant', text: '', state: 'streaming' },
    ]);
    await settled();
    expect(asked()).toEqual({ kind: 'messages', messages: [{ role: 'user', content: 'Hello' }] });
  });

  test('an answer comes joined per frame, is stored with its figures, and ends', async () => {
    send('Hello');
    await settled();
    engine.say({ type: 'prefilled', id: 'a1', promptTokens: 4, reusedTokens: 1, prefillUs: 10 });
    engine.tokens('One ');
    engine.tokens('two', ' three');
    expect(heard('chat.tokens')).toEqual([]);
    vi.advanceTimersByTime(16);
    engine.tokens('.');
    engine.done('One two three.');
    expect(heard('chat.prefilled')).toMatchObject([{ answerId: 'a1', promptTokens: 4, reusedTokens: 1 }]);
    expect(heard('chat.tokens').map(({ offset, text, tokens }) => [offset, text, tokens.length])).toEqual([
      [0, 'One two three', 3],
      [13, '.', 1],
    ]);
    const [finished] = heard('chat.finished');
    expect(finished?.message).toMatchObject({
      id: 'a1',
      text: 'One two three.',
      state: 'complete',
      figures: { model: 'Tiny', backend: 'CPU (XNNPACK)', generatedTokens: 2, decodeRate: 100, reason: 'stop' },
    });
    expect(store.messages.get('a1')).toEqual(finished?.message);
  });

  test('what has arrived is on the disk within a second, or 2,000 characters', async () => {
    send('Hello');
    await settled();
    engine.tokens('a'.repeat(1999));
    expect(store.messages.get('a1')?.text).toBe('');
    vi.advanceTimersByTime(1000);
    expect(store.messages.get('a1')?.text).toHaveLength(1999);
    engine.tokens('b'.repeat(2000));
    expect(store.messages.get('a1')?.text).toHaveLength(3999);
    engine.tokens('c');
    chat.save();
    expect(store.messages.get('a1')?.text).toHaveLength(4000);
  });

  test('the next turn tells the model the whole conversation, and the system prompt first', async () => {
    new SettingsService(store.settings, () => undefined).set({ systemPrompt: 'Be brief.' });
    begin();
    give();
    send('First');
    await settled();
    engine.done('Answer.');
    send('Second', '2');
    await settled();
    expect(asked()).toEqual({
      kind: 'messages',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'First' },
        { role: 'assistant', content: 'Answer.' },
        { role: 'user', content: 'Second' },
      ],
    });
  });

  test('the first message names the chat', () => {
    expect(send('  What is a wyvern?\nTell me.').conversation.title).toBe('What is a wyvern?');
    expect(heard('conversations.changed')).toMatchObject([{ conversation: { title: 'What is a wyvern?' } }]);
  });

  test.each([
    ['nothing to say', 'prompt-empty', () => send(' \n\t')],
    [
      'an unknown chat',
      'conversation-not-found',
      () => chat.send({ conversationId: 'x', userMessageId: 'u', answerId: 'a', text: 'x' }),
    ],
  ])('%s is refused and stores nothing', (_what, code, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ error: expect.objectContaining({ code }) as unknown }) as Error);
    expect(store.messages.of('c')).toEqual([]);
  });

  test('without a model nothing is stored, so that the text stays with the person', () => {
    available = false;
    expect(() => send('Hello')).toThrow('No model is loaded.');
    expect(store.messages.of('c')).toEqual([]);
  });

  test('one answer at a time', async () => {
    send('Hello');
    expect(() => send('Again', '2')).toThrow('still being written');
    await settled();
    engine.done('Done.');
    expect(() => send('Again', '2')).not.toThrow();
  });
});

describe('while the model loads', () => {
  beforeEach(begin);

  test('a message waits for it', async () => {
    send('Hello');
    await settled();
    expect(asked()).toBeUndefined();
    give();
    await settled();
    expect(asked()).toBeDefined();
  });

  test('an answer can be stopped, and the model is not asked', async () => {
    send('Hello');
    chat.stop('a1');
    give();
    await settled();
    expect(asked()).toBeUndefined();
    expect(store.messages.get('a1')).toMatchObject({ state: 'stopped', text: '' });
  });

  test('a load that fails is what the answer says', async () => {
    send('Hello');
    model.reject(new AppFailure('model-invalid', 'It is damaged.'));
    await settled();
    expect(store.messages.get('a1')).toMatchObject({ state: 'failed', error: { code: 'model-invalid' } });
    expect(store.messages.get('u1')?.text).toBe('Hello');
  });
});

describe('an answer that ends otherwise', () => {
  beforeEach(async () => {
    send('Hello');
    await settled();
    engine.tokens('Half an');
  });

  test('stopped: what had arrived is kept', () => {
    chat.stop('a1');
    chat.stop('a1');
    expect(engine.asked('stop')?.id).toBe('a1');
    engine.done('Half an', 'cancelled');
    expect(store.messages.get('a1')).toMatchObject({ state: 'stopped', text: 'Half an' });
    chat.stop('a1');
    chat.stop('unheard-of');
  });

  test('failed: what had arrived is kept, with the reason', () => {
    engine.fail('execution-failed');
    expect(store.messages.get('a1')).toMatchObject({
      state: 'failed',
      text: 'Half an',
      error: { code: 'execution-failed' },
    });
  });

  test('the engine dies: what had arrived is kept, and the next message is answered by a fresh process', async () => {
    engine.exit(11);
    expect(store.messages.get('a1')).toMatchObject({
      state: 'interrupted',
      text: 'Half an',
      error: { code: 'engine-crashed' },
    });
    engine = new ScriptedEngine();
    model = Promise.withResolvers();
    give();
    send('Go on', '2');
    await settled();
    expect(asked()).toEqual({
      kind: 'messages',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Half an' },
        { role: 'user', content: 'Go on' },
      ],
    });
  });

  test('the app ends: what had arrived is kept', () => {
    chat.shutdown();
    engine.tokens(' answer that nobody hears');
    engine.done('x');
    expect(store.messages.get('a1')).toMatchObject({
      state: 'interrupted',
      text: 'Half an',
      error: { code: 'engine-lost' },
    });
  });

  test('a disk that is full is said, and the answer still ends', () => {
    vi.spyOn(store.messages, 'finish').mockImplementation(() => {
      throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' });
    });
    engine.done('Half an answer');
    expect(heard('chat.finished')[0]?.message).toMatchObject({
      text: 'Half an answer',
      error: { code: 'store-failed' },
    });
    expect(() => send('Next', '2')).not.toThrow();
  });
});

describe('opening', () => {
  test('a window that opens the chat mid-answer gets what has arrived, and then only what follows', async () => {
    send('Hello');
    await settled();
    engine.tokens('Half');
    const { messages } = chat.open('c');
    expect(messages.at(-1)).toMatchObject({ id: 'a1', state: 'streaming', text: 'Half' });
    engine.tokens(' more');
    vi.advanceTimersByTime(16);
    expect(heard('chat.tokens').map(({ offset, text }) => [offset, text])).toEqual([
      [0, 'Half'],
      [4, ' more'],
    ]);
  });

  test('an unknown chat is an error', () => expect(() => chat.open('x')).toThrow('no longer there'));
});

describe('trying again', () => {
  test('replaces the last answer and asks the same', async () => {
    send('Hello');
    await settled();
    engine.fail('execution-failed');
    const { replacedId, answer } = chat.retry({ conversationId: 'c', answerId: 'a2' });
    expect([replacedId, answer.id]).toEqual(['a1', 'a2']);
    await settled();
    expect(asked()).toEqual({ kind: 'messages', messages: [{ role: 'user', content: 'Hello' }] });
    expect(store.messages.of('c').map(({ id }) => id)).toEqual(['u1', 'a2']);
  });

  test('needs an answer', () => {
    expect(() => chat.retry({ conversationId: 'c', answerId: 'a' })).toThrow('no answer to try again');
  });
});
