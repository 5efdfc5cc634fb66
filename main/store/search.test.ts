import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Message, Segment } from '../../preload/contract.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-search-'));
  store = openStore(join(folder, 'store.sqlite'));
  for (const [index, id] of ['sea', 'cake'].entries()) store.conversations.create(id, index);
  store.conversations.rename('sea', 'Tides of the sea');
  say('sea', 'u1', 'Why are there tides?');
  say('sea', 'a1', 'The <b>Moon</b> pulls at the water; "spring" tides are the highest. Größer geht es nicht.');
  say('cake', 'u2', 'ワイバーンは梨が好き。Crème brûlée?');
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function say(conversationId: string, id: string, text: string, change: Partial<Message> = {}): void {
  store.tree.append(conversationId, { id, role: 'user', text, state: 'complete', createdAt: 1, ...change });
}
const found = (text: string): readonly (string | undefined)[] =>
  store.search(text, 50).map(({ message }) => message?.id);
const marked = (segments: readonly Segment[] = []): string =>
  segments.map(({ text, hit }) => (hit ? `[${text}]` : text)).join('');

test('titles come first, then texts, with their hits marked', () => {
  const [title, ...texts] = store.search('tides', 50);
  expect(title).toMatchObject({ conversationId: 'sea' });
  expect(title).not.toHaveProperty('message');
  expect(marked(title?.title)).toBe('[Tides] of the sea');
  expect(texts.map(({ message }) => message?.id).sort()).toEqual(['a1', 'u1']);
  expect(marked(texts.find(({ message }) => message?.id === 'u1')?.message?.snippet)).toBe('Why are there [tides]?');
});

test('markup in a text stays text', () => {
  expect(marked(store.search('moon', 5)[0]?.message?.snippet)).toContain('<b>[Moon]</b>');
});

test.each([
  ['the last word may be unfinished', 'moon pul', ['a1']],
  ['all words are needed', 'moon cake', []],
  ['accents may be left out', 'creme brulee', ['u2']],
  ['letters beyond ASCII', 'größer', ['a1']],
  ['a script without spaces, a part of it', '梨が', ['u2']],
  ['operators are words', 'NOT OR', []],
  ['marks alone find nothing', '"*():^- ', []],
  ['marks in between', '"spring" (tides)', ['a1']],
])('%s', (_what, text, ids) => expect(found(text)).toEqual(ids));

test('deleted chats are not found until they are restored', () => {
  store.tree.delete('a1', 5);
  expect(found('moon')).toEqual([]);
  store.tree.restore('a1');
  expect(found('moon')).toEqual(['a1']);
  store.conversations.delete('sea', 5);
  expect(found('moon')).toEqual([]);
});

test('an answer is found once it is complete, by its final text', () => {
  say('cake', 'a2', 'lemon', { role: 'assistant', state: 'streaming' });
  store.messages.saveText('a2', 'lemon curd', undefined);
  expect(found('lemon')).toEqual([]);
  store.messages.finish('a2', { text: 'lemon tart', state: 'stopped' });
  expect([found('lemon'), found('curd')]).toEqual([['a2'], []]);
  store.messages.resume('a2');
  expect(found('lemon')).toEqual([]);
  store.messages.finish('a2', { text: 'lemon tart with cream', state: 'complete' });
  expect(found('cream')).toEqual(['a2']);
  store.messages.remove('a2');
  expect(found('cream')).toEqual([]);
});

test('a chat is found by its new name, not by the old one', () => {
  store.conversations.rename('sea', 'Ebb and flow');
  expect(found('ebb')).toEqual([undefined]);
  expect(store.search('tides', 9).every(({ message }) => message)).toBe(true);
});
