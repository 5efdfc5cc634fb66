import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChatImportReport } from '../../preload/contract.ts';
import { chatGptChat, llamaCppChat, llamaCppLines, lmStudioChat } from '../testing/foreign-chats.ts';
import { zip } from '../testing/zip.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { toFileChat, type FileChat, type FileMessage } from './chat-file.ts';
import { ChatImports } from './chat-imports.ts';
import { allChatIds, readChat } from './read-chat.ts';
import { chatsToJson } from './write-chats.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-import-'));
  store = openStore(join(folder, 'store', 'wyvern.sqlite'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const imports = (into = store, onProgress: () => void = () => undefined): ChatImports =>
  new ChatImports({ store: into, chooseFiles: () => Promise.resolve([]), onProgress });

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}

async function bring(name: string, content: unknown): Promise<ChatImportReport> {
  return await imports().import([write(name, content)]);
}

const exported = (from: Store): string => [...chatsToJson(from, allChatIds(from), () => undefined)].join('');
const chats = (): readonly FileChat[] => allChatIds(store).map((id) => readChat(store, id)!);
/** The shown path of a chat, as roles and texts. */
const path = ({ id }: FileChat): readonly string[] => store.tree.path(id).map(({ role, text }) => `${role}: ${text}`);
/** The asides of the message with this beginning, by name. */
const asides = ({ messages }: FileChat, beginning: string): object =>
  Object.fromEntries(
    (messages.find(({ text }) => text.startsWith(beginning))?.attachments ?? []).flatMap(({ name, text, aside }) =>
      aside ? [[name, text]] : [],
    ),
  );
const thought = ({ messages }: FileChat, beginning: string): unknown =>
  messages.find(({ text }) => text.startsWith(beginning))?.thought;
const wrap = (...list: readonly unknown[]): string =>
  JSON.stringify({ format: 'wyvern-chats', version: 1, chats: list });

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const figures = fc.record(
  {
    model: word,
    backend: word,
    promptTokens: fc.nat(),
    reusedTokens: fc.nat(),
    generatedTokens: fc.nat(),
    timeToFirstTokenUs: fc.nat(),
    decodeRate: fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value + 0),
    stepUs: fc.record({ p50: fc.nat(), p95: fc.nat(), p99: fc.nat() }),
    contextUsed: fc.nat(),
    contextLength: fc.nat(),
    reason: fc.constantFrom('stop', 'length', 'context', 'cancelled'),
    droppedMessages: fc.nat(),
  },
  {
    requiredKeys: [
      ...(['model', 'backend', 'promptTokens', 'reusedTokens', 'generatedTokens', 'timeToFirstTokenUs'] as const),
      ...(['contextUsed', 'contextLength', 'reason'] as const),
    ],
  },
);

interface Said {
  readonly under: number;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly thought: NonNullable<FileMessage['thought']> | undefined;
  readonly state: FileMessage['state'];
  readonly files: readonly { name: string; text: string }[];
  readonly figures: object | undefined;
  readonly failed: boolean;
}

const saidOnce: fc.Arbitrary<Said> = fc.record({
  under: fc.nat(),
  role: fc.constantFrom('user', 'assistant'),
  text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\0', '\n```\n', '\u2028"\\')),
  thought: fc.option(fc.record({ text: word, tokens: fc.nat(), ms: fc.nat() }, { requiredKeys: ['text'] }), {
    nil: undefined,
  }),
  state: fc.constantFrom('complete', 'stopped', 'failed', 'interrupted'),
  files: fc.array(fc.record({ name: word, text: word }), { maxLength: 2 }),
  figures: fc.option(figures, { nil: undefined }),
  failed: fc.boolean(),
});

const someChats = fc.array(
  fc.record({
    title: word.map((title) => `t${title.replaceAll(/\s/g, '')}`),
    createdAt: fc.nat(2_000_000_000_000),
    pinned: fc.boolean(),
    settings: fc.record({ temperature: fc.constantFrom(0, 0.5), systemPrompt: word }, { requiredKeys: [] }),
    policy: fc.constantFrom(undefined, 'stop', 'drop-oldest'),
    said: fc.array(saidOnce, { maxLength: 12 }),
    shown: fc.nat(),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Chats as the app makes them, with added messages, regenerated and stopped answers, and chosen versions. */
function fill(into: Store, all: readonly ChatPlan[]): void {
  for (const [number, plan] of all.entries()) {
    const id = `chat-${number}`;
    into.conversations.create(id, plan.createdAt);
    into.conversations.rename(id, plan.title);
    into.conversations.configure(id, plan.settings);
    into.conversations.touch(id, plan.createdAt + number);
    if (plan.pinned) into.conversations.pin(id, true);
    if (plan.policy) into.conversations.setContextPolicy(id, plan.policy);
    for (const [index, said] of plan.said.entries()) {
      const parent = said.under % (index + 1);
      into.tree.branch(id, {
        id: `${id}-${index}`,
        ...(parent > 0 && { parentId: `${id}-${parent - 1}` }),
        role: said.role,
        text: said.text,
        ...(said.thought && said.role === 'assistant' && { thought: said.thought }),
        state: said.state,
        createdAt: plan.createdAt + index,
        ...(said.files.length > 0 && { attachments: said.files }),
        ...(said.figures !== undefined && { figures: said.figures as never }),
        ...(said.failed && { error: { code: 'engine-lost', message: 'It went.' } as const }),
      });
    }
    if (plan.said.length > 0) into.tree.show(`${id}-${plan.shown % plan.said.length}`);
  }
}

type ChatPlan = typeof someChats extends fc.Arbitrary<(infer T)[]> ? T : never;

test('an answer in a file of an earlier version has its thought inside, and the import takes it out', () => {
  const answer = { id: 'a', active: true, role: 'assistant', state: 'complete', createdAt: 1 };
  const file = { id: 'c', title: 'T', createdAt: 1, updatedAt: 1, pinned: false, settings: {}, leafId: 'a' };
  const [first] = toFileChat({ ...file, messages: [{ ...answer, text: '<think>\nhm\n</think>\n\nYes.' }] }).messages;
  expect(first).toMatchObject({ text: 'Yes.', thought: { text: 'hm' } });
  const question = { ...answer, role: 'user', text: '<think>mine' };
  expect(toFileChat({ ...file, messages: [question] }).messages[0]).toMatchObject({ text: '<think>mine' });
});

describe('Wyvern’s own file', () => {
  test('is imported into an empty store without a change; a second import adds nothing', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(someChats, async (all) => {
        const [from, to] = ['from', 'to'].map((name) => openStore(join(folder, `${name}-${++run}`, 'w.sqlite'))) as [
          Store,
          Store,
        ];
        try {
          fill(from, all);
          const before = exported(from);
          const file = write('chats.json', before);
          const report = await imports(to).import([file]);
          expect(report.files).toMatchObject([{ format: 'wyvern', chats: all.length, known: 0, problemCount: 0 }]);
          expect(JSON.parse(exported(to))).toEqual(JSON.parse(before));
          const again = await imports(to).import([file]);
          expect(again.files).toMatchObject([{ chats: 0, known: all.length }]);
          expect(JSON.parse(exported(to))).toEqual(JSON.parse(before));
        } finally {
          from.close();
          to.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  const one = (id: string, text: string, more: Partial<FileChat> = {}): object => ({
    id,
    title: 'One',
    createdAt: 1,
    updatedAt: 2,
    pinned: false,
    settings: {},
    leafId: `${id}-m`,
    messages: [{ id: `${id}-m`, active: true, role: 'user', text, state: 'complete', createdAt: 1 }],
    ...more,
  });

  test('a chat whose id is taken gets new ids, the same each time; the other chat does not change', async () => {
    await bring('a.json', wrap(one('same', 'Mine')));
    const mine = readChat(store, 'same');
    expect(await bring('b.json', wrap(one('same', 'Theirs')))).toMatchObject({ files: [{ chats: 1, known: 0 }] });
    expect(await bring('b.json', wrap(one('same', 'Theirs')))).toMatchObject({ files: [{ chats: 0, known: 1 }] });
    expect(chats()).toHaveLength(2);
    expect(readChat(store, 'same')).toEqual(mine);
  });

  test('a message whose id is taken gets a new id, also while the other chat is deleted but restorable', async () => {
    await bring('a.json', wrap(one('a', 'Mine')));
    store.conversations.delete('a', 5);
    const theirs = one('b', 'Theirs', { messages: (one('a', 'Theirs') as FileChat).messages, leafId: 'a-m' });
    expect(await bring('b.json', wrap(theirs))).toMatchObject({ files: [{ chats: 1 }] });
    expect(await bring('b.json', wrap(theirs))).toMatchObject({ files: [{ chats: 0, known: 1 }] });
    expect(chats().map(path)).toEqual([['user: Theirs']]);
    store.conversations.restore('a');
    expect(chats().map(path)).toContainEqual(['user: Mine']);
  });

  test('a chat that was continued after its import is known; a chat with more messages is imported as another one', async () => {
    await bring('a.json', wrap(one('a', 'Mine')));
    store.tree.append('a', { id: 'new', role: 'assistant', text: 'Yes', state: 'complete', createdAt: 9 });
    store.conversations.rename('a', 'Another name');
    expect(await bring('a.json', wrap(one('a', 'Mine')))).toMatchObject({ files: [{ chats: 0, known: 1 }] });
    store.tree.delete('a-m', 10);
    expect(await bring('a.json', wrap(one('a', 'Mine')))).toMatchObject({ files: [{ chats: 1, known: 0 }] });
  });

  test('fields may have any order, and one invalid chat does not stop the others', async () => {
    const list = [one('a', 'A'), { ...one('b', 'B'), title: 'Bad one', createdAt: -1 }, one('c', 'C')];
    const turned = JSON.stringify({ chats: list, version: 1, format: 'wyvern-chats' });
    for (const text of [turned, wrap(...list)]) {
      const report = await bring('turned.json', text);
      expect(report.files[0]).toMatchObject({
        format: 'wyvern',
        problemCount: 1,
        problems: [{ title: 'Bad one', error: { code: 'chats-invalid' } }],
      });
    }
    expect(chats().map(path).flat().sort()).toEqual(['user: A', 'user: C']);
  });

  test('if several versions claim to be shown, one is', async () => {
    const version = (id: string): object => ({
      id,
      active: true,
      role: 'user',
      text: id,
      state: 'complete',
      createdAt: 1,
    });
    await bring('a.json', wrap(one('a', '', { messages: ['x', 'y', 'z'].map(version) as never, leafId: 'x' })));
    expect(
      chats()[0]
        ?.messages.filter(({ active }) => active)
        .map(({ id }) => id),
    ).toEqual(['x']);
  });
});

describe('LM Studio', () => {
  test('a conversation comes with versions and settings; tool calls, reasoning and statistics are kept aside', async () => {
    const report = await bring('1.conversation.json', lmStudioChat);
    expect(report.files).toEqual([
      {
        name: '1.conversation.json',
        format: 'lm-studio',
        chats: 1,
        messages: 4,
        known: 0,
        leftOut: [
          { kind: 'setting', count: 1, texts: ['llm.prediction.contextOverflowPolicy: rollingWindow'] },
          { kind: 'image', count: 1, texts: ['17-chart.png'] },
        ],
        problems: [],
        problemCount: 0,
      },
    ]);
    const [chat] = chats();
    expect(chat).toMatchObject({
      title: 'Tide tables',
      pinned: true,
      createdAt: 1_736_789_912_980,
      updatedAt: 1_736_789_999_000,
      settings: { systemPrompt: 'You know the sea.', temperature: 0.4, topP: 0.9 },
    });
    expect(path(chat!)).toEqual([
      'user: What moves the tides?\n[Image: 17-chart.png]',
      'assistant: Let me look.\n\nThe **Moon**, mostly.',
      'user: And the Sun?',
    ]);
    expect(thought(chat!, 'Let me look.')).toEqual({ text: 'They ask about tides.' });
    expect(asides(chat!, 'Let me look.')).toEqual({
      'Tool calls and results': 'look\n\nResult:\n"Moon"',
      Details: expect.stringMatching(
        /^identifier: a-model\nstopReason: eosFound\n[^]*naming technique: prompt$/,
      ) as string,
    });
    expect(chat?.messages.find(({ text }) => text === 'The wind')).toMatchObject({ active: false, state: 'stopped' });
    expect(await bring('again.json', lmStudioChat)).toMatchObject({ files: [{ chats: 0, known: 1 }] });
  });

  test('a folder with subfolders is imported at once; other files are skipped', async () => {
    write('chats/1.conversation.json', lmStudioChat);
    write('chats/Sea/2.conversation.json', { ...lmStudioChat, name: 'Another', createdAt: 5 });
    write('chats/config.json', { theme: 'dark' });
    write('chats/notes.txt', 'no');
    write('chats/3.conversation.json', '{"name":"cut","messages":[{"versions":[');
    const report = await imports().import([join(folder, 'chats')]);
    expect(report.files).toMatchObject([
      { name: 'chats', format: 'lm-studio', chats: 2, problemCount: 0 },
      { name: 'chats', chats: 0, problems: [{ file: '3.conversation.json', error: { code: 'chats-invalid' } }] },
    ]);
  });

  test.each([
    ['no version', { name: 'x', messages: [{ versions: [], currentlySelected: 0 }] }, []],
    ['a version that is not there', { messages: [{ versions: [user('Hi')], currentlySelected: 7 }] }, ['user: Hi']],
    ['a version of no kind', { messages: [{ versions: [7, null, user('Hi')], currentlySelected: 2 }] }, ['user: Hi']],
    ['a role nobody has', { messages: [{ versions: [{ ...user('Hi'), role: 'demon' }] }] }, ['assistant: ']],
    ['no messages yet', { name: 'x', messages: [], usePerChatPredictionConfig: true }, []],
    [
      'values that cannot be',
      { ...lmStudioChat, createdAt: 1e300, pinned: 'yes', messages: [{ versions: [user('Hi')] }] },
      ['user: Hi'],
    ],
  ])('a conversation with %s is read as far as it goes', async (_, content, said) => {
    expect(await bring('x.json', content)).toMatchObject({ files: [{ format: 'lm-studio', chats: 1 }] });
    expect(chats().map(path)).toEqual([said]);
  });

  function user(text: string): object {
    return { type: 'singleStep', role: 'user', content: [{ type: 'text', text }] };
  }
});

describe('ChatGPT', () => {
  test('an export is imported with its branches; an answer with a search in the middle is one message', async () => {
    const report = await bring('conversations.json', [chatGptChat, { ...chatGptChat, title: 'Same', id: 'x' }]);
    expect(report.files).toMatchObject([{ format: 'chatgpt', chats: 1, known: 1, messages: 4 }]);
    expect(report.files[0]!.leftOut).toEqual([
      { kind: 'image', count: 1, texts: ['light.png'] },
      { kind: 'file', count: 1, texts: ['rules.pdf'] },
      { kind: 'citation', count: 1, texts: ['turn0search0'] },
    ]);
    const [chat] = chats();
    expect(chat).toMatchObject({ title: 'Harbour lights', createdAt: 1_700_000_000_123, updatedAt: 1_700_000_900_500 });
    expect(path(chat!)).toEqual([
      'user: [Image: light.png]\nWhy are harbours lit red and green?\n[File: rules.pdf]',
      'assistant: I look it up.\n\nRed is to port.',
    ]);
    expect(thought(chat!, 'I look it up.')).toEqual({ text: 'Lights\nBuoyage' });
    expect(asides(chat!, 'I look it up.')).toEqual({
      'Tool calls and results': 'web:\nsearch("buoys")\n\ntool:\nresult: Red to port.',
    });
    const beginnings = chat!.messages.filter(({ parentId }) => parentId === undefined);
    expect(beginnings.map(({ text, active }) => [text, active])).toEqual([
      ['Why are harbours lit?', false],
      ['[Image: light.png]\nWhy are harbours lit red and green?\n[File: rules.pdf]', true],
    ]);
  });

  test('the zip from OpenAI is imported, with other files in it, also split in parts', async () => {
    const archive = zip([
      { name: 'chat.html', data: '<html>' },
      { name: 'user.json', data: '{"id":"user-1"}' },
      { name: 'file-1/light.png', data: 'png' },
      { name: '../../outside.zip', data: 'PK' },
      { name: 'conversations-000.json', data: JSON.stringify([chatGptChat]) },
      { name: 'conversations-001.json', data: JSON.stringify([{ ...chatGptChat, conversation_id: 'other' }]) },
    ]);
    expect(await bring('export.zip', archive)).toMatchObject({
      files: [{ name: 'export.zip', format: 'chatgpt', chats: 2, problemCount: 0 }],
    });
  });

  const node = (id: string, parent: string | null, children: readonly string[]): object => ({
    id,
    parent,
    children,
    message: { author: { role: 'user' }, content: { content_type: 'text', parts: [id] } },
  });
  const tree = (mapping: object, more: object = {}): object => ({ title: 'T', mapping, ...more });

  test('a circle is refused wherever it is, and the chat is not imported', async () => {
    const circle = tree({ a: node('a', null, ['b']), b: node('b', 'c', ['c']), c: node('c', 'b', ['b']) });
    const selfish = tree({ a: node('a', 'a', ['a']) });
    const report = await bring('c.json', [circle, chatGptChat, selfish]);
    expect(report.files).toMatchObject([{ chats: 1, problemCount: 2 }]);
    expect(report.files[0]!.problems[0]).toMatchObject({ title: 'T', error: { code: 'chats-invalid' } });
    expect(report.files[0]!.problems[0]!.error.message).toContain('circle');
    expect(chats()).toHaveLength(1);
  });

  test('missing parents, impossible times and keys of Object.prototype do no harm', async () => {
    const text = `{"title":7,"create_time":-4,"update_time":1e400,"current_node":"constructor","mapping":{
      "__proto__":{"id":"__proto__","parent":"gone","children":["b"],"message":{"author":{"role":"user"},
        "create_time":9e99,"content":{"content_type":"text","parts":["From a strange place"]}}},
      "b":{"parent":"__proto__","children":"no list","message":{"author":{"role":"assistant"},
        "content":{"content_type":"text","parts":["Heard", 7, null, {"__proto__":{"text":"x"}}]}}},
      "c":null,"d":[],"e":{"message":{"author":null,"content":null}}}}`;
    const file = write('odd.json', text);
    utimesSync(file, 1_000, 1_000);
    expect(await imports().import([file])).toMatchObject({ files: [{ chats: 1, messages: 2 }] });
    const [chat] = chats();
    expect(chat).toMatchObject({ title: 'From a strange place', createdAt: 1_000_000, updatedAt: 1_000_000 });
    expect(path(chat!)).toEqual(['user: From a strange place', 'assistant: Heard']);
    expect(({} as Record<string, unknown>)['id']).toBeUndefined();
  });

  test('a path of 20,000 messages is imported completely', async () => {
    const count = 20_000;
    const mapping = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `n${i}`,
        node(`n${i}`, i === 0 ? null : `n${i - 1}`, i + 1 === count ? [] : [`n${i + 1}`]),
      ]),
    );
    expect(await bring('long.json', [tree(mapping, { current_node: `n${count - 1}` })])).toMatchObject({
      files: [{ chats: 1, messages: count }],
    });
    expect(store.tree.path(chats()[0]!.id)).toHaveLength(count);
  });

  test('too many messages and a too long message are refused', async () => {
    const mapping = Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`n${i}`, node(`n${i}`, null, [])]));
    const long = tree({
      a: {
        ...node('a', null, []),
        message: { author: { role: 'user' }, content: { content_type: 'text', parts: ['x'.repeat(2_000_001)] } },
      },
    });
    expect(await bring('many.json', [tree(mapping), long])).toMatchObject({ files: [{ chats: 0, problemCount: 2 }] });
    expect(chats()).toEqual([]);
  });
});

describe('llama.cpp', () => {
  const whole = {
    title: 'Knots',
    settings: { systemPrompt: 'Be brief.' },
    updatedAt: 1_750_000_300_000,
    createdAt: 1_750_000_100_000,
  };

  test.each([
    ['JSON Lines', llamaCppLines],
    ['JSON', llamaCppChat],
    ['a list in JSON', [llamaCppChat]],
  ])('a conversation in %s is imported with branches, attached text and system prompt', async (_, content) => {
    const report = await bring('conv', content);
    expect(report.files).toMatchObject([{ format: 'llama-cpp', chats: 1, messages: 3 }]);
    expect(report.files[0]!.leftOut).toEqual([{ kind: 'image', count: 1, texts: ['rope.png'] }]);
    const [chat] = chats();
    expect(chat).toMatchObject(whole);
    expect(path(chat!)).toEqual(['user: [Image: rope.png]\nWhich knot holds?', 'assistant: Two half hitches.']);
    expect(chat!.messages.map(({ text, active }) => [text, active])).toEqual([
      ['[Image: rope.png]\nWhich knot holds?', true],
      ['A bowline.', false],
      ['Two half hitches.', true],
    ]);
    expect(chat!.messages[0]?.attachments).toEqual([{ name: 'rope.txt', text: 'Hemp, 12 mm' }]);
    expect(thought(chat!, 'Two half hitches.')).toEqual({ text: 'They have hemp.' });
    expect(asides(chat!, 'Two half hitches.')).toEqual({
      Details: 'Model: a-model\nprompt_n: 20\npredicted_n: 6\npredicted_ms: 300',
    });
    // The same conversation in the other format is known.
    expect(await bring('lines.jsonl', llamaCppLines)).toMatchObject({ files: [{ chats: 0, known: 1 }] });
  });

  test('one file, or a zip of files, may have several conversations', async () => {
    const other = llamaCppLines.replaceAll('Knots', 'Splices').replaceAll('b7e9d1d0', 'c7e9d1d0');
    expect(await bring('two.jsonl', `${llamaCppLines}\n\n${other}\n`)).toMatchObject({ files: [{ chats: 2 }] });
    const archive = zip([
      { name: 'a.jsonl', data: llamaCppLines },
      { name: 'b.jsonl', data: other },
    ]);
    expect(await bring('conversations.zip', archive)).toMatchObject({ files: [{ chats: 0, known: 2 }] });
  });

  test('numeric ids, as in early versions, make the same tree', async () => {
    const conv = { id: 'conv-1', name: 'Old', lastModified: 1_700_000_000_000, currNode: 3 };
    const say = (id: number, parent: number, role: string, content: string): object => ({
      id,
      parent,
      role,
      content,
      type: 'text',
      timestamp: 1_700_000_000_000 + id,
      children: [],
    });
    const messages = [say(1, -1, 'user', 'One'), say(2, 1, 'assistant', 'Two'), say(3, 1, 'assistant', 'Three')];
    await bring('old.json', { conv, messages });
    expect(path(chats()[0]!)).toEqual(['user: One', 'assistant: Three']);
  });

  test('duplicate message ids and lines that are not JSON cost their own conversation only', async () => {
    const twice = { conv: { id: 'x', name: 'Twice' }, messages: [llamaCppChat.messages[2], llamaCppChat.messages[2]] };
    const report = await bring('twice.json', [twice, llamaCppChat]);
    expect(report.files).toMatchObject([{ chats: 1, problems: [{ error: { code: 'chats-invalid' } }] }]);
    expect(await bring('cut.jsonl', llamaCppLines.slice(0, -10))).toMatchObject({
      files: [{ format: 'llama-cpp', chats: 0, error: { code: 'chats-invalid' } }],
    });
  });
});

describe('files as Windows and macOS programs write them', () => {
  const utf16 = (text: string, mark: string): Buffer => Buffer.from(`${mark}${text}`, 'utf16le');
  const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
    'UTF-8 with a byte order mark': (text) => Buffer.from(`\ufeff${text}`),
    'UTF-16 with a byte order mark': (text) => utf16(text, '\ufeff'),
    'UTF-16, big-endian, with a byte order mark': (text) => utf16(text, '\ufeff').swap16(),
    'UTF-16 without a mark': (text) => utf16(text, ''),
    'UTF-16, big-endian, without a mark': (text) => utf16(text, '').swap16(),
  };
  test.each(Object.entries(encodings))('chats in %s, with CRLF, are the same chats', async (_, encode) => {
    const all = [
      JSON.stringify([chatGptChat], undefined, 2),
      JSON.stringify(lmStudioChat, undefined, 1),
      llamaCppLines,
    ];
    for (const [index, text] of all.entries()) {
      const umlauts = text.replaceAll(/Harbour lights|Tide tables|Knots/g, 'Häfen 🌊 灯');
      const report = await bring(`${index}.json`, encode(umlauts.replaceAll('\n', '\r\n')));
      expect(report.files).toMatchObject([{ chats: 1, problemCount: 0 }]);
      expect(report.files[0]).not.toHaveProperty('error');
    }
    expect(chats().map(({ title }) => title)).toEqual(Array(3).fill('Häfen 🌊 灯'));
  });

  test('zips of tar.exe, Finder and Explorer', async () => {
    const data = JSON.stringify([chatGptChat]);
    const properties = Buffer.from('00051607000200004d6163204f532058', 'hex');
    const archive = zip([
      { name: './' },
      { name: './export/conversations.json', data },
      { name: '__MACOSX/export/._conversations.json', data: properties },
      { name: 'export/__MACOSX/._conversations.json', data: properties },
      { name: 'export/._conversations.json', data: properties },
      { name: 'export\\conversations-001.json', data },
    ]);
    expect(await bring('export.zip', archive)).toMatchObject({
      files: [{ name: 'export.zip', format: 'chatgpt', chats: 1, known: 1, problemCount: 0 }],
    });
  });

  test('the ._ files of macOS are skipped', async () => {
    write('chats/1.conversation.json', lmStudioChat);
    write('chats/._1.conversation.json', Buffer.from([0, 5, 22, 7]));
    const report = await imports().import([join(folder, 'chats')]);
    expect(report.files).toMatchObject([{ chats: 1, problemCount: 0 }]);
  });
});

describe('files without chats, or too large', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const hostile: Readonly<Record<string, readonly [content: string | Uint8Array, code: string]>> = {
    'an empty file': ['', 'chats-invalid'],
    'white space': [' \n ', 'chats-invalid'],
    'plain text': ['Dear diary', 'chats-invalid'],
    binary: [Buffer.from([0, 1, 2, 255]), 'chats-invalid'],
    'another JSON': ['{"version":"1.0","model":{"vocab":{"messages":1,"mapping":2}}}', 'chats-not-recognised'],
    'a list of numbers': ['[1,2,3]', 'chats-invalid'],
    'a string': ['"chat"', 'chats-invalid'],
    'no values': ['[]', 'chats-not-recognised'],
    presets: ['{"format":"wyvern-presets","version":1,"presets":[]}', 'chats-not-recognised'],
    'a later version': ['{"format":"wyvern-chats","version":2,"chats":[{}]}', 'chats-too-new'],
    'a chat that ends early': ['{"format":"wyvern-chats","version":1,"chats":[{"id":"a"', 'chats-invalid'],
    'a zip cut short': [zip([{ name: 'a.json', data: '[]' }]).subarray(0, 40), 'archive-invalid'],
    'an encrypted zip': [zip([{ name: 'a.json', data: '[]', flags: 0x801 }]), 'archive-unsupported'],
    'a zip that grows without end': [
      zip([{ name: 'a.json', data: '[]', claims: { size: 2 ** 31 } }]),
      'archive-unsafe',
    ],
    'a zip of nothing': [zip([]), 'chats-invalid'],
    'a zip without chats': [zip([{ name: 'model.pte', data: 'x' }]), 'chats-not-recognised'],
  };
  test.each(Object.entries(hostile))('%s is refused', async (_, [content, code]) => {
    const file = write('file', content);
    const isOurs = typeof content === 'string' && content.startsWith('{"format":"wyvern-chats"');
    expect(await imports().recognise([file])).toEqual(isOurs ? [file] : []);
    const report = await imports().import([file]);
    expect(report.files).toMatchObject([{ name: 'file', chats: 0, error: { code } }]);
    expect(chats()).toEqual([]);
  });

  test('JSON with 100,000 levels costs its own record only', async () => {
    expect(await bring('deep.json', nested(100_000))).toMatchObject({ files: [{ chats: 0 }] });
    const list = `[${JSON.stringify(chatGptChat)},${nested(100_000)}]`;
    expect(await bring('mixed.json', list)).toMatchObject({
      files: [{ chats: 1 }, { problems: [{ error: { code: 'chats-invalid' } }] }],
    });
  });

  test('a damaged archive is reported, and its whole chats are imported', async () => {
    const archive = zip([{ name: 'a.json', data: JSON.stringify([chatGptChat]), claims: { crc: 7 } }]);
    expect(await bring('damaged.zip', archive)).toMatchObject({
      files: [{ format: 'chatgpt', chats: 1, problems: [{ file: 'a.json', error: { code: 'archive-invalid' } }] }],
    });
  });

  test('a missing file is reported, and the others are imported', async () => {
    const report = await imports().import([join(folder, 'gone.json'), write('c.json', [chatGptChat])]);
    expect(report.files).toMatchObject([{ name: 'gone.json', error: { code: 'files-not-found' } }, { chats: 1 }]);
  });

  test('truncated and changed files never throw and never change stored chats', async () => {
    await bring('own.json', wrap());
    store.conversations.create('mine', 1);
    const whole = [JSON.stringify([chatGptChat]), JSON.stringify(lmStudioChat), llamaCppLines, exported(store)];
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(), fc.option(fc.nat(255)), async (which, at, byte) => {
        const bytes = Buffer.from(whole[which]!);
        const place = at % bytes.length;
        if (byte !== null) bytes[place] = byte;
        const report = await bring('any', byte === null ? bytes.subarray(0, place) : bytes);
        expect(report.files.length).toBeGreaterThan(0);
        expect(readChat(store, 'mine')).toMatchObject({ title: 'New chat', messages: [] });
      }),
      { numRuns: 300 },
    );
  });

  test('half a surrogate pair is replaced, so that a second import finds the chat', async () => {
    const half = JSON.stringify(chatGptChat).replaceAll('Red is to port', '\\\\ud83d half \\ud83d');
    expect(await bring('half.json', half)).toMatchObject({ files: [{ chats: 1 }] });
    expect(await bring('half.json', half)).toMatchObject({ files: [{ chats: 0, known: 1 }] });
  });
});

describe('a running import', () => {
  const many = (count: number): string =>
    JSON.stringify(Array.from({ length: count }, (_, i) => ({ ...chatGptChat, conversation_id: `c${i}` })));

  test('it reports progress and stops when cancelled; imported chats stay and are known later', async () => {
    const file = write('many.json', many(3000));
    const told: (object | undefined)[] = [];
    const running: ChatImports = new ChatImports({
      store,
      chooseFiles: () => Promise.resolve([]),
      onProgress: (progress) => {
        told.push(progress);
        if (progress && progress.chats >= 1) void running.cancel();
      },
    });
    const report = await running.import([file]);
    expect(report.cancelled).toBe(true);
    const { chats: came } = report.files[0]!;
    expect(came).toBeGreaterThan(0);
    expect(came).toBeLessThan(3000);
    expect(chats()).toHaveLength(came);
    expect(told.at(-1)).toBeUndefined();
    expect(told[0]).toMatchObject({ name: 'many.json', bytesTotal: readFileSync(file).length });
  });

  test('a second import is refused until the first ends', async () => {
    const running = imports();
    const first = running.import([write('c.json', many(20))]);
    await expect(running.import([join(folder, 'c.json')])).rejects.toMatchObject({
      error: { code: 'chats-import-running' },
    });
    await first;
    expect(await running.import([join(folder, 'c.json')])).toMatchObject({ files: [{ known: 20 }] });
  });

  test('an unwritable store ends the import without a partial chat', async () => {
    const insert: Store['messages']['insert'] = (id, message, active) => {
      if (message.text.startsWith('I look'))
        throw Object.assign(new Error('disk'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
      store.messages.insert(id, message, active);
    };
    const failing = { ...store, messages: { ...store.messages, insert } };
    const whole = { ...chatGptChat, conversation_id: 'whole', mapping: { q: chatGptChat.mapping['q-old'] } };
    const report = await imports(failing).import([write('c.json', [whole, chatGptChat, whole])]);
    expect(report.files).toMatchObject([{ chats: 1, error: { code: 'store-failed' } }]);
    expect(chats().map(path)).toEqual([['user: Why are harbours lit?']]);
  });
});

test('dropped files are recognised by content alone', async () => {
  const yes = [
    write('a.txt', JSON.stringify(lmStudioChat)),
    write('b', llamaCppLines),
    write('c.zip', zip([{ name: 'x.json', data: JSON.stringify([chatGptChat]) }])),
    write('d/deep/1.json', lmStudioChat).replace(/.deep.*$/, ''),
    write('e.json', wrap()),
  ];
  const no = [
    write('tokenizer.json', { model: { vocab: { messages: 1 } }, messages: [1] }),
    write('f.zip', zip([{ name: 'model.pte', data: 'ET12' }])),
    write('model.pte', 'ET12'),
    join(folder, 'gone'),
  ];
  expect(await imports().recognise([...no, ...yes])).toEqual(yes);
});
