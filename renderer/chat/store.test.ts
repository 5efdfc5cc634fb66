import { beforeEach, expect, test, vi } from 'vitest';
import type { Bridge, CallInput, CallName, EventName, Events } from '../../preload/contract.ts';
import { openConversation } from '../conversations/store.ts';
import { draftOf, useDrafts } from './drafts.ts';
import { deleteMessage, listenToChat, openThread, regenerate, send, useChat } from './store.ts';

/** Calls that have no reply yet, oldest first. */
let calls: { readonly name: CallName; readonly input: unknown; readonly reply: (value: unknown) => void }[];
const listeners = new Map<EventName, (payload: never) => void>();
const refused = { ok: false, error: { code: 'answer-running', message: 'An answer is still being written.' } };

beforeEach(() => {
  calls = [];
  const bridge = {
    call: (name: CallName, input: unknown) =>
      new Promise((reply) => {
        calls.push({ name, input, reply });
      }),
    on: (name: EventName, listener: (payload: never) => void) => listeners.set(name, listener),
  };
  vi.stubGlobal('window', { wyvern: bridge as unknown as Bridge });
  vi.stubGlobal('requestAnimationFrame', () => 0);
  useChat.setState({ threads: {}, running: undefined, refusals: {} });
  useDrafts.setState({ drafts: {} });
  openConversation(undefined);
});

/** Replies to the oldest open call of this name. */
async function reply(name: CallName, value: unknown): Promise<void> {
  const at = calls.findIndex((call) => call.name === name);
  expect(at, `${name} is called`).toBeGreaterThanOrEqual(0);
  calls.splice(at, 1)[0]?.reply(value);
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
}

function tell<N extends EventName>(name: N, payload: Events[N]): void {
  listeners.get(name)?.(payload as never);
}

const write = (id: string | undefined, text: string): void => useDrafts.getState().write(id, { text, attachments: [] });
const conversation = (id: string): object => ({ id, title: '', createdAt: 1, updatedAt: 1, pinned: false });

test('a second message sent while a new chat is being stored stays in the composer', async () => {
  write(undefined, 'One');
  void send();
  write(undefined, 'Two');
  void send();
  expect(calls.filter(({ name }) => name === 'conversations.create')).toHaveLength(1);
  expect(draftOf(undefined).text).toBe('Two');
  await reply('conversations.create', refused);
});

test('a refused answer leaves the answer in progress the one to stop', async () => {
  openConversation('c');
  write('c', 'One');
  void send();
  const { running } = useChat.getState();
  void regenerate('c', 'other');
  await reply('chat.regenerate', refused);
  expect(useChat.getState().running).toEqual(running);
  await reply('chat.send', refused);
  expect(useChat.getState().running).toBeUndefined();
});

test('a message sent while its chat is being read stays below the messages that are read', async () => {
  openConversation('c');
  void openThread('c');
  write('c', 'Two');
  void send();
  const opened = { conversation: conversation('c'), settings: {}, draft: { text: '', attachments: [] }, earlier: 0 };
  await reply('conversations.open', { ok: true, value: { ...opened, messages: [{ id: 'one', role: 'user' }] } });
  expect(useChat.getState().threads['c']).toMatchObject({ messages: [{ id: 'one' }, { text: 'Two' }, { text: '' }] });
  await reply('chat.send', refused);
});

test('a message sent while a deletion is under way stays on the screen', async () => {
  listenToChat();
  openConversation('c');
  void openThread('c');
  const question = { id: 'q', role: 'user', text: 'One', state: 'complete', createdAt: 1 } as const;
  const opened = { conversation: conversation('c'), settings: {}, draft: { text: '', attachments: [] }, earlier: 0 };
  await reply('conversations.open', { ok: true, value: { ...opened, messages: [question] } });
  void deleteMessage('c', 'q');
  write('c', 'Two');
  void send();
  await reply('chat.delete', { ok: true, value: { messages: [], earlier: 0 } });
  const { userMessageId: id, answerId } = calls.find(({ name }) => name === 'chat.send')
    ?.input as CallInput<'chat.send'>;
  const user = { id, role: 'user', text: 'Two', state: 'complete', createdAt: 2 } as const;
  const answer = { ...user, id: answerId, role: 'assistant', state: 'streaming', parentId: id } as const;
  await reply('chat.send', { ok: true, value: { user, answer, conversation: conversation('c') } });
  expect(useChat.getState().threads).toMatchObject({ c: { messages: [{ id, text: 'Two' }, { id: answerId }] } });
  tell('chat.finished', { conversationId: 'c', message: { ...answer, state: 'complete' } });
});

test('a deleted answer does not come back when it ends', async () => {
  listenToChat();
  openConversation('c');
  void openThread('c');
  const answer = { id: 'a', role: 'assistant', text: '', state: 'streaming', createdAt: 1, parentId: 'q' } as const;
  const question = { id: 'q', role: 'user', text: 'One', state: 'complete', createdAt: 1 } as const;
  const opened = { conversation: conversation('c'), settings: {}, draft: { text: '', attachments: [] }, earlier: 0 };
  await reply('conversations.open', { ok: true, value: { ...opened, messages: [question, answer] } });
  void deleteMessage('c', 'q');
  await reply('chat.delete', { ok: true, value: { messages: [], earlier: 0 } });
  tell('chat.finished', { conversationId: 'c', message: { ...answer, state: 'stopped' } });
  expect(useChat.getState()).toMatchObject({ threads: { c: { messages: [] } }, running: undefined });
});

test('a window that is loaded during an answer knows it before its first token', async () => {
  listenToChat();
  await reply('chat.running', { ok: true, value: { conversationId: 'c', answerId: 'a' } });
  expect(useChat.getState().running).toMatchObject({ conversationId: 'c', answerId: 'a' });
});
