import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Message } from '../../preload/contract.ts';
import { splitThought, thoughtMarks } from '../../preload/contract/values.ts';
import { migrate } from './database.ts';
import { migrations } from './migrations.ts';
import { openStore } from './store.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-thoughts-'));
  path = join(folder, 'wyvern.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The last version whose answers had their thought in the text. */
const marked = 8;

/** Opens a store of that version that has these answers, and returns them with the words that search finds. */
function migrated(texts: readonly string[], role = 'assistant'): readonly Message[] {
  const database = new DatabaseSync(path);
  migrate(database, migrations.slice(0, marked));
  database.exec("INSERT INTO conversations (id, title, created_at, updated_at) VALUES ('c', 'Chat', 1, 1)");
  const insert = database.prepare(
    `INSERT INTO messages (id, conversation_id, position, role, text, state, created_at) VALUES (?, 'c', ?, ?, ?, 'complete', 1)`,
  );
  for (const [index, text] of texts.entries()) insert.run(`m${index}`, index, role, text);
  database.close();
  const store = openStore(path);
  try {
    return texts.map((_, index) => store.messages.get(`m${index}`)!);
  } finally {
    store.close();
  }
}

test('the migration splits the thought off every stored answer that begins with one', () => {
  const texts = [
    ...thoughtMarks.map(([begin, end]) => `${begin}\nhm ${begin}\n${end}\n\nIt is 4. ${end}`),
    '\n <think>a</think>b',
    '<think>\nStill thinking',
    '<think>\n\n</think>\n\nYes.',
    '<think>Ünï 🐉</think>龍',
    'Write <think> first',
    '<thinker>no mark</thinker>',
    '',
  ];
  const wanted = texts.map(splitThought).map(({ thought = '', answer }) => [thought, answer]);
  expect(migrated(texts).map(({ thought, text }) => [thought?.text ?? '', text])).toEqual(wanted);
});

test('the migration leaves questions as they are, and answers that SQLite cannot read whole', () => {
  const question = '<think>mine</think>x';
  expect(migrated([question], 'user')[0]).toMatchObject({ text: question });
  rmSync(path);
  const answer = '<think>a\0b</think>c';
  expect(migrated([answer])[0]).toMatchObject({ text: answer });
});

test('a thought is stored with its count and its time, and search finds the answer alone', () => {
  const thought = { text: 'They mean the lantern.', tokens: 6, ms: 1500 };
  const store = openStore(path);
  store.conversations.create('c', 1);
  store.tree.append('c', { id: 'a', role: 'assistant', text: '', state: 'streaming', createdAt: 1 });
  store.messages.saveText('a', '', { text: 'They' });
  expect(store.messages.get('a')?.thought).toEqual({ text: 'They' });
  store.messages.finish('a', { text: 'Seven lights.', thought, state: 'complete' });
  store.tree.append('c', { id: 'b', role: 'assistant', text: 'x', thought, state: 'complete', createdAt: 1 });
  store.close();
  const again = openStore(path);
  expect(again.tree.path('c').map((message) => message.thought)).toEqual([thought, thought]);
  expect(again.search('lantern', 5)).toEqual([]);
  expect(again.search('lights', 5).map(({ message }) => message?.id)).toEqual(['a']);
  again.close();
});

test('the search index follows the migrated text', () => {
  migrated(['<think>lantern</think>lights']);
  const store = openStore(path);
  expect(store.search('lantern', 5)).toEqual([]);
  expect(store.search('lights', 5)).toHaveLength(1);
  store.close();
});
