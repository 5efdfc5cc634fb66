/**
 * Models with state that no position restores, in chats: each answer must be that of a fresh process, whatever was asked, edited,
 * regenerated or stopped before.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadAddon } from './addon.ts';
import { Engine } from './engine.ts';
import { nativeRunners } from './native-runner.ts';
import type { BundlePaths, ChatMessage } from './protocol.ts';
import { fixtureBundle, greedy } from './testing/bundles.ts';

const folder = join(import.meta.dirname, '../../e2e/fixtures/contract-a');
const names = readdirSync(folder)
  .filter((file) => /^(?:lfm2|qwen-3\.5).*\.pte$/.test(file))
  .map((file) => file.replace(/\.pte$/, ''));
const questions = ['Hello!', 'Hi', 'Say yes.', 'What does it eat?', 'My name is Ada.', 'What is my name?'];

type Turn =
  | { readonly kind: 'ask'; readonly question: string }
  /** Asks something else instead of the question at a share of the chat, and drops what followed. */
  | { readonly kind: 'edit'; readonly share: number; readonly question: string }
  | { readonly kind: 'regenerate' }
  /** Goes to the other of two chats. */
  | { readonly kind: 'switch' };

const question = fc.constantFrom(...questions);
const turns = fc.array(
  fc.record({
    turn: fc.oneof<[fc.Arbitrary<Turn>, fc.Arbitrary<Turn>, fc.Arbitrary<Turn>, fc.Arbitrary<Turn>]>(
      fc.record({ kind: fc.constant('ask' as const), question }),
      fc.record({ kind: fc.constant('edit' as const), share: fc.double({ min: 0, max: 0.99, noNaN: true }), question }),
      fc.constant({ kind: 'regenerate' }),
      fc.constant({ kind: 'switch' }),
    ),
    /** Stops the answer after so many tokens. */
    stopAfter: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined, freq: 3 }),
  }),
  { minLength: 2, maxLength: 6 },
);

interface Answer {
  readonly text: string;
  readonly reusedTokens: number;
}

async function open(bundle: BundlePaths): Promise<Engine> {
  const engine = new Engine(nativeRunners(await loadAddon()));
  await engine.load(bundle);
  return engine;
}

async function answer(engine: Engine, messages: readonly ChatMessage[], stopAfter?: number): Promise<Answer> {
  let seen = 0;
  let reusedTokens = 0;
  for await (const event of engine.generate({
    prompt: { kind: 'messages', messages },
    sampling: greedy,
    maxTokens: 24,
  })) {
    if (event.type === 'prefilled') ({ reusedTokens } = event);
    if (event.type === 'token' && ++seen === stopAfter) engine.stop();
    if (event.type === 'done') return { text: event.text, reusedTokens };
  }
  throw new Error('The answer has no end');
}

/** The messages up to the question that a turn asks, or undefined if there is nothing to ask. */
function asked(chat: readonly ChatMessage[], turn: Turn): readonly ChatMessage[] | undefined {
  if (turn.kind === 'ask') return [...chat, { role: 'user', content: turn.question }];
  if (chat.length === 0 || turn.kind === 'switch') return undefined;
  if (turn.kind === 'regenerate') return chat.slice(0, -1);
  const index = 2 * Math.floor((turn.share * chat.length) / 2);
  return [...chat.slice(0, index), { role: 'user', content: turn.question }];
}

test('there are programs of both families', () => {
  expect(names).toEqual(expect.arrayContaining(['lfm2', 'lfm2-xnnpack', 'qwen-3.5', 'qwen-3.5-dynamic']));
});

describe.each(names)('%s', (name) => {
  const bundle: BundlePaths = { ...fixtureBundle, program: join(folder, `${name}.pte`) };

  test('answers as a fresh process after any order of turns', async () => {
    const engine = await open(bundle);
    await fc.assert(
      fc.asyncProperty(turns, async (plan) => {
        let [chat, other]: (readonly ChatMessage[])[] = [[], []];
        for (const { turn, stopAfter } of plan) {
          if (turn.kind === 'switch') [chat, other] = [other, chat];
          const prompt = asked(chat ?? [], turn);
          // The context holds about six turns.
          if (prompt === undefined || prompt.length > 9) continue;
          const { text } = await answer(engine, prompt, stopAfter);
          const fresh = await open(bundle);
          const expected = await answer(fresh, prompt);
          await fresh.unload();
          expect(stopAfter === undefined ? text : expected.text.slice(0, text.length)).toBe(
            stopAfter === undefined ? expected.text : text,
          );
          chat = [...prompt, { role: 'assistant', content: text }];
        }
      }),
      { numRuns: 12 },
    );
    await engine.unload();
  });

  test('continues a chat without reading it again, and reads all of it again after an edit', async () => {
    const engine = await open(bundle);
    const first: ChatMessage = { role: 'user', content: 'My name is Ada.' };
    const { text } = await answer(engine, [first]);
    const chat: readonly ChatMessage[] = [first, { role: 'assistant', content: text }];
    const next = await answer(engine, [...chat, { role: 'user', content: 'What is my name?' }]);
    expect(next.reusedTokens).toBeGreaterThan(0);
    expect(next.text).toBe('Your name is Ada.');
    const edited = await answer(engine, [...chat, { role: 'user', content: 'Hi' }]);
    expect(edited).toEqual({ text: 'Hi there.', reusedTokens: 0 });
    await engine.unload();
  });
});
