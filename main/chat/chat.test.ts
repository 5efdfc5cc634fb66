import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventName, Events } from '../../preload/contract.ts';
import { Chat } from './chat.ts';
import { ChatStores } from './chat-stores.ts';
import { EngineHost } from '../engine-host/engine-host.ts';
import { AppFailure } from '../failure.ts';
import type { ReadyModel } from '../library/current-model.ts';
import { SettingsService } from './settings.ts';
import { Turns } from '../library/turns.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { loadedModel, ScriptedEngine, settled } from '../testing/scripted-engine.ts';

let folder: string;
let store: Store;
let engine: ScriptedEngine;
let chat: Chat;
let model: PromiseWithResolvers<ReadyModel>;
let available: boolean;
let loads: string[];
let told: { readonly name: EventName; readonly payload: unknown }[];

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'wyvern-chat-'));
  store = openStore(join(folder, 'store.sqlite'));
  store.conversations.create('c', 1);
  told = [];
  available = true;
  loads = [];
  begin();
  give();
});
afterEach(() => {
  vi.useRealTimers();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A chat whose model is still loading. */
function begin(): void {
  engine = new ScriptedEngine();
  model = Promise.withResolvers<ReadyModel>();
  model.promise.catch(() => undefined);
  chat = new Chat({
    benchmarks: { stop: () => Promise.resolve() },
    chats: new ChatStores(store),
    turns: new Turns(),
    current: {
      require: () => {
        if (!available) throw new AppFailure('model-not-loaded', 'No model is loaded.');
      },
      ready: () => model.promise,
      state: { status: 'none' },
    },
    models: { load: (id) => void loads.push(id) },
    settings: new SettingsService(store.settings, () => undefined),
    emit: (name, payload) => told.push({ name, payload }),
  });
}

/** The model is loaded, in its own process. */
function give(): void {
  model.resolve({ modelId: 'm', host: new EngineHost(engine, () => undefined), loaded: loadedModel(), sampling: {} });
}

const heard = <N extends EventName>(name: N): Events[N][] =>
  told.filter((event) => event.name === name).map(({ payload }) => payload as Events[N]);
const send = (text: string, turn = '1'): ReturnType<Chat['send']> =>
  chat.send({ conversationId: 'c', userMessageId: `u${turn}`, answerId: `a${turn}`, text, attachments: [] });
const asked = (): unknown => engine.asked('generate')?.input.prompt;

describe('sending', () => {
  test('both messages are on the disk before the engine is asked', async () => {
    send('Hello');
    expect(engine.requests).toEqual([]);
    expect(store.tree.path('c')).toMatchObject([
      { id: 'u1', role: 'user', text: 'Hello', state: 'complete' },
      { id: 'a1', role: 'assistant', text: '', state: 'streaming' },
    ]);
    await settled();
    expect(asked()).toEqual({ kind: 'messages', messages: [{ role: 'user', content: 'Hello' }] });
  });

  test('the first token is sent at once, the others once a frame; the answer is stored with its figures', async () => {
    send('Hello');
    await settled();
    engine.say({
      type: 'prefilled',
      id: 'a1',
      promptTokens: 4,
      reusedTokens: 1,
      prefillUs: 10,
      chunks: [],
      residentBytes: 1000,
    });
    engine.tokens('One ');
    engine.tokens('two', ' three');
    engine.tokens('.');
    expect(heard('chat.tokens')).toHaveLength(1);
    vi.advanceTimersByTime(16);
    expect(heard('chat.tokens')).toHaveLength(2);
    engine.tokens(' And');
    engine.done('One two three.');
    expect(heard('chat.prefilled')).toMatchObject([{ answerId: 'a1', promptTokens: 4, reusedTokens: 1 }]);
    expect(heard('chat.tokens').map(({ offset, text, tokens }) => [offset, text, tokens.length])).toEqual([
      [0, 'One ', 1],
      [4, 'two three.', 3],
      [14, ' And', 1],
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

  test('the times of the tokens can be read during the answer and are stored with it', async () => {
    send('Hello');
    expect(chat.run('a1')).toBeUndefined();
    await settled();
    const prompt = { promptTokens: 4, reusedTokens: 1, prefillUs: 10, chunks: [{ tokens: 3, wallUs: 9 }] };
    engine.say({ type: 'prefilled', id: 'a1', ...prompt, residentBytes: 1000 });
    engine.tokens('One ');
    const begun = { model: 'Tiny', backend: 'CPU (XNNPACK)', contextLength: 64, prefill: prompt };
    expect(chat.run('a1')).toMatchObject({ ...begun, tokens: [{ text: 'One ', stepUs: 10 }] });
    engine.tokens('two');
    engine.exit(1);
    expect(chat.run('a1')).toEqual(store.runs.get('a1'));
    expect(chat.run('a1')).toMatchObject({ ...begun, tokens: [{ text: 'One ' }, { text: 'two' }] });
    expect(heard('chat.tokens').map(({ firstToken, tokens }) => [firstToken, tokens.length])).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  test('text that arrived is on the disk after a second or 2,000 characters', async () => {
    send('Hello');
    await settled();
    engine.tokens('a'.repeat(1999));
    expect(store.messages.get('a1')?.text).toBe('');
    vi.advanceTimersByTime(1000);
    expect(store.messages.get('a1')?.text).toHaveLength(1999);
    engine.tokens('b'.repeat(2000));
    expect(store.messages.get('a1')?.text).toHaveLength(3999);
    engine.tokens('c');
    chat.answering.save();
    expect(store.messages.get('a1')?.text).toHaveLength(4000);
  });

  test('the next turn sends the model the system prompt and the whole conversation', async () => {
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
      () => chat.send({ conversationId: 'x', userMessageId: 'u', answerId: 'a', text: 'x', attachments: [] }),
    ],
  ])('%s is refused and stores nothing', (_what, code, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ error: expect.objectContaining({ code }) as unknown }) as Error);
    expect(store.tree.path('c')).toEqual([]);
  });

  test('without a model nothing is stored, so that the text stays in the message box', () => {
    available = false;
    expect(() => send('Hello')).toThrow('No model is loaded.');
    expect(store.tree.path('c')).toEqual([]);
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
    chat.answering.stop('a1');
    give();
    await settled();
    expect(asked()).toBeUndefined();
    expect(store.messages.get('a1')).toMatchObject({ state: 'stopped', text: '' });
  });

  test('a failed load is the error of the answer', async () => {
    send('Hello');
    model.reject(new AppFailure('model-invalid', 'It is damaged.'));
    await settled();
    expect(store.messages.get('a1')).toMatchObject({ state: 'failed', error: { code: 'model-invalid' } });
    expect(store.messages.get('u1')?.text).toBe('Hello');
  });
});

describe('an answer that ends early', () => {
  beforeEach(async () => {
    send('Hello');
    await settled();
    engine.tokens('Half an');
  });

  test('stopped: the text that had arrived is kept', () => {
    chat.answering.stop('a1');
    chat.answering.stop('a1');
    expect(engine.asked('stop')?.id).toBe('a1');
    engine.done('Half an', 'cancelled');
    expect(store.messages.get('a1')).toMatchObject({ state: 'stopped', text: 'Half an' });
    chat.answering.stop('a1');
    chat.answering.stop('unheard-of');
  });

  test('the model is unloaded: the answer says so, and was not stopped by the person', () => {
    engine.done('Half an', 'cancelled');
    expect(store.messages.get('a1')).toMatchObject({
      state: 'interrupted',
      text: 'Half an',
      error: {
        code: 'model-not-loaded',
        message: expect.stringContaining('was unloaded during this answer') as unknown,
      },
    });
  });

  test('failed: the text that had arrived is kept, with the reason', () => {
    engine.fail('execution-failed');
    expect(store.messages.get('a1')).toMatchObject({
      state: 'failed',
      text: 'Half an',
      error: { code: 'execution-failed' },
    });
  });

  test('the engine crashes: the text is kept, and a new process answers the next message', async () => {
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

  test('the app ends: the text that had arrived is kept', () => {
    chat.answering.shutdown();
    engine.tokens(' answer that nobody hears');
    engine.done('x');
    expect(store.messages.get('a1')).toMatchObject({
      state: 'interrupted',
      text: 'Half an',
      error: { code: 'engine-lost' },
    });
  });

  test('a full disk is reported, and the answer still ends', () => {
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

  test('an end that a full disk did not take is no answer in progress, and is stored once there is room', () => {
    const full = vi.spyOn(store.messages, 'finish').mockImplementation(() => {
      throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' });
    });
    engine.done('Half an answer');
    expect(chat.running).toBeUndefined();
    expect(chat.open('c').messages.at(-1)).toMatchObject({ state: 'complete', error: { code: 'store-failed' } });
    full.mockRestore();
    send('Next', '2');
    expect(store.messages.get('a1')).toMatchObject({ state: 'complete', text: 'Half an answer' });
    const { message } = heard('chat.finished').at(-1) ?? {};
    expect(message).toMatchObject({ id: 'a1', state: 'complete' });
    expect(message?.error).toBeUndefined();
  });

  test('quitting stores an end that a full disk did not take', () => {
    const full = vi.spyOn(store.messages, 'finish').mockImplementationOnce(() => {
      throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' });
    });
    engine.done('Half an answer');
    expect(full).toHaveBeenCalledTimes(1);
    chat.answering.shutdown();
    expect(store.messages.get('a1')).toMatchObject({ state: 'complete', text: 'Half an answer' });
  });
});

describe('opening', () => {
  test('a window that is loaded during an answer learns which one is in progress', async () => {
    expect(chat.running).toBeUndefined();
    send('Hello');
    await settled();
    expect(chat.running).toEqual({ conversationId: 'c', answerId: 'a1' });
    engine.done('Hi');
    expect(chat.running).toBeUndefined();
  });

  test('a window that opens the chat during an answer gets the text so far, then the rest', async () => {
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

  test('an unknown chat is an error', () => expect(() => chat.open('x')).toThrow('no longer exists'));
});

describe('versions', () => {
  const place = (messageId: string): { conversationId: string; messageId: string } => ({
    conversationId: 'c',
    messageId,
  });
  beforeEach(async () => {
    send('Hello');
    await settled();
    engine.done('Hi.');
  });

  test('a regenerated answer is a second version below the same question', async () => {
    const { messages } = chat.regenerate({ ...place('a1'), answerId: 'a2' });
    expect(messages).toMatchObject([{ id: 'u1' }, { id: 'a2', state: 'streaming', versions: ['a1', 'a2'] }]);
    await settled();
    expect(asked()).toEqual({ kind: 'messages', messages: [{ role: 'user', content: 'Hello' }] });
    engine.done('Good day.');
    expect(heard('chat.finished').at(-1)?.message).toMatchObject({ text: 'Good day.', versions: ['a1', 'a2'] });
    expect(chat.show(place('a1')).messages.map(({ text }) => text)).toEqual(['Hello', 'Hi.']);
    expect(chat.open('c').messages.map(({ text }) => text)).toEqual(['Hello', 'Hi.']);
  });

  test('an answer that never began is replaced', async () => {
    send('Again', '2');
    await settled();
    engine.fail('execution-failed');
    const { messages } = chat.regenerate({ ...place('a2'), answerId: 'a3' });
    expect(messages.map(({ id }) => id)).toEqual(['u1', 'a1', 'u2', 'a3']);
    expect(messages.at(-1)).not.toHaveProperty('versions');
    expect(store.messages.get('a2')).toBeUndefined();
  });

  test('another model is loaded before it answers', () => {
    chat.regenerate({ ...place('a1'), answerId: 'a2', modelId: 'other' });
    expect(loads).toEqual(['other']);
  });

  test('an edited question is a new branch, and the model gets only that branch', async () => {
    send('And you?', '2');
    await settled();
    engine.done('Fine.');
    const edited = { userMessageId: 'u3', answerId: 'a3', text: 'Bye', attachments: [] };
    const { messages } = chat.edit({ ...place('u2'), ...edited });
    expect(messages.map(({ id }) => id)).toEqual(['u1', 'a1', 'u3', 'a3']);
    expect(messages[2]?.versions).toEqual(['u2', 'u3']);
    await settled();
    expect(asked()).toEqual({
      kind: 'messages',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi.' },
        { role: 'user', content: 'Bye' },
      ],
    });
  });

  test('an answer continues after its text, and all its tokens count', async () => {
    const ranOn = { messageId: 'a1', model: 'Tiny', backend: 'CPU (XNNPACK)', contextLength: 64 };
    store.runs.put({ ...ranOn, tokens: [{ text: 'Hi.', stepUs: 10, samplingUs: 1 }] });
    const { messages } = chat.continue(place('a1'));
    expect(messages.at(-1)).toMatchObject({ id: 'a1', state: 'streaming', text: 'Hi.' });
    await settled();
    expect(asked()).toEqual({
      kind: 'messages',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi.' },
      ],
      continueLast: true,
    });
    engine.tokens(' How are');
    vi.advanceTimersByTime(16);
    expect(heard('chat.tokens').at(-1)).toMatchObject({ offset: 3, text: ' How are', firstToken: 1 });
    engine.done(' How are you?');
    expect(store.runs.get('a1')?.tokens.map(({ text }) => text)).toEqual(['Hi.', ' How are']);
    expect(store.messages.get('a1')).toMatchObject({
      text: 'Hi. How are you?',
      state: 'complete',
      figures: { generatedTokens: 4 },
    });
  });

  test('an answer that fails while it continues keeps its text and figures', async () => {
    chat.continue(place('a1'));
    await settled();
    engine.tokens(' How');
    engine.fail('execution-failed');
    expect(store.messages.get('a1')).toMatchObject({
      text: 'Hi. How',
      state: 'failed',
      figures: { generatedTokens: 2 },
    });
  });

  test('only the last answer can be continued', async () => {
    send('More', '2');
    await settled();
    engine.done('Yes.');
    expect(() => chat.continue(place('a1'))).toThrow('Only the last answer');
  });

  test('deleting a question stops and deletes its answer; restoring brings both back', async () => {
    send('More', '2');
    await settled();
    engine.tokens('Ye');
    expect(chat.delete(place('u2')).messages.map(({ id }) => id)).toEqual(['u1', 'a1']);
    expect(engine.asked('stop')?.id).toBe('a2');
    engine.done('Ye', 'cancelled');
    expect(chat.restore(place('u2')).messages.at(-1)).toMatchObject({ id: 'a2', text: 'Ye', state: 'stopped' });
    expect(() => chat.restore(place('u2'))).toThrow('no longer exists');
  });

  test('unknown messages are refused', () => {
    expect(() => chat.regenerate({ ...place('x'), answerId: 'y' })).toThrow('no longer exists');
    expect(() => chat.show(place('x'))).toThrow('no longer exists');
    expect(() => chat.edit({ ...place('a1'), userMessageId: 'u', answerId: 'a', text: 'x', attachments: [] })).toThrow(
      'no longer exists',
    );
  });
});

describe('attachments', () => {
  test('are sent to the model before the message, in fences longer than their backticks', async () => {
    const attachments = [{ name: 'notes.md', text: 'a ```b``` c' }];
    chat.send({ conversationId: 'c', userMessageId: 'u1', answerId: 'a1', text: 'Sum it up.', attachments });
    await settled();
    expect(asked()).toEqual({
      kind: 'messages',
      messages: [{ role: 'user', content: 'notes.md\n````\na ```b``` c\n````\n\nSum it up.' }],
    });
    expect(store.tree.path('c')[0]).toMatchObject({ text: 'Sum it up.', attachments });
  });

  test('can be sent without text, and name the chat', () => {
    const attachments = [{ name: 'notes.md', text: 'a' }];
    const asks = { conversationId: 'c', userMessageId: 'u1', answerId: 'a1', text: '', attachments };
    expect(chat.send(asks).conversation.title).toBe('notes.md');
  });
});

describe('titles', () => {
  const template = (): void => {
    begin();
    const loaded = { ...loadedModel(), chatTemplate: { source: 'manifest' } } as const;
    model.resolve({ modelId: 'm', host: new EngineHost(engine, () => undefined), loaded, sampling: {} });
  };
  const writing = (): boolean => engine.asked('generate')?.id.startsWith('title-') ?? false;
  beforeEach(async () => {
    template();
    send('What do wyverns eat?');
    await settled();
  });

  test('the model names the chat once, after the conversation in its cache', () => {
    engine.done('Pears.');
    expect(writing()).toBe(true);
    expect(asked()).toMatchObject({
      messages: [{ content: 'What do wyverns eat?' }, { content: 'Pears.' }, { role: 'user' }],
    });
    engine.done('Title: **“Food of wyverns”**.');
    expect(heard('conversations.changed').at(-1)).toMatchObject({ conversation: { title: 'Food of wyverns' } });
    expect(store.conversations.isUntitled('c')).toBe(false);
  });

  test('the next message stops it and is sent after its end; the first title stays', async () => {
    engine.done('Pears.');
    send('And drink?', '2');
    await settled();
    expect(engine.requests.at(-1)).toMatchObject({ type: 'stop' });
    expect(writing()).toBe(true);
    engine.done('Foo', 'cancelled');
    await settled();
    expect(engine.asked('generate')?.id).toBe('a2');
    expect(store.conversations.get('c')?.title).toBe('What do wyverns eat?');
    engine.done('Rain.');
    expect(engine.asked('generate')?.id).toBe('a2');
  });

  test.each([
    [
      'an answer that is no title',
      'Wyverns eat a great many things, pears and fish and honey among them, on most days.',
    ],
    ['nothing', ' \n'],
  ])('%s leaves the first words', (_what, text) => {
    engine.done('Pears.');
    engine.done(text);
    expect(store.conversations.get('c')?.title).toBe('What do wyverns eat?');
  });

  test('no title is asked for after a person’s name, a stopped answer, or if the setting is off', () => {
    store.conversations.rename('c', 'Mine');
    engine.done('Pears.');
    expect(writing()).toBe(false);
  });

  test('a crash during the title does not block', async () => {
    engine.done('Pears.');
    engine.exit(11);
    template();
    send('And drink?', '2');
    await settled();
    expect(engine.asked('generate')?.id).toBe('a2');
  });
});

describe('a context that is full', () => {
  /** The scripted model counts each letter as a token and has a context of 64. */
  const count = async (): Promise<void> => {
    for (let settledCounts = 0; settledCounts < 12; settledCounts++) {
      await settled();
      const request = engine.asked('count');
      if (request?.prompt.kind !== 'messages') continue;
      const tokens = request.prompt.messages.reduce((sum, { content }) => sum + content.length, 0);
      engine.say({ type: 'counted', id: request.id, tokens });
    }
  };
  const turn = async (text: string, number: string): Promise<void> => {
    send(text, number);
    await count();
    engine.done('a'.repeat(9));
  };
  const contents = (): readonly string[] => {
    const prompt = engine.asked('generate')?.input.prompt;
    return prompt?.kind === 'messages' ? prompt.messages.map(({ content }) => content) : [];
  };

  test('nothing is left out unless the person chose it', async () => {
    for (const number of ['1', '2', '3', '4', '5']) await turn(`question ${number}`, number);
    expect(engine.asked('count')).toBeUndefined();
    expect(contents()).toHaveLength(9);
    expect(store.messages.get('a5')?.figures).not.toHaveProperty('droppedMessages');
  });

  test('the oldest turns are dropped, the system prompt stays, and a cut is kept while it fits', async () => {
    new SettingsService(store.settings, () => undefined).set({ systemPrompt: 'Be brief.' });
    begin();
    give();
    store.conversations.setContextPolicy('c', 'drop-oldest');
    const seen: (readonly [readonly string[], number | undefined])[] = [];
    for (const number of ['1', '2', '3', '4']) {
      await turn(`question ${number}`, number);
      seen.push([contents(), store.messages.get(`a${number}`)?.figures?.droppedMessages]);
    }
    const answer = 'a'.repeat(9);
    expect(seen).toEqual([
      [['Be brief.', 'question 1'], undefined],
      [['Be brief.', 'question 1', answer, 'question 2'], undefined],
      [['Be brief.', 'question 3'], 4],
      [['Be brief.', 'question 3', answer, 'question 4'], 4],
    ]);
  });

  test('the last question stays, and the engine reports that it does not fit', async () => {
    store.conversations.setContextPolicy('c', 'drop-oldest');
    await turn('question 1', '1');
    send('x'.repeat(100), '2');
    await count();
    expect(contents()).toEqual(['x'.repeat(100)]);
  });
});
