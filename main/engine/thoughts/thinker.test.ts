/** A model that was trained to think, in the real runtime. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadAddon } from '../addon.ts';
import { Engine, type GenerationEvent } from '../engine.ts';
import { nativeRunners } from '../native-runner.ts';
import type { ChatMessage, GenerateInput } from '../protocol.ts';
import { greedy, thinkerBundle } from '../testing/bundles.ts';

type Done = Extract<GenerationEvent, { type: 'done' }>;

let engine: Engine;
beforeAll(async () => {
  engine = new Engine(nativeRunners(await loadAddon()));
  await engine.load(thinkerBundle);
});
afterAll(() => engine.unload());

interface Answered extends Done {
  readonly events: readonly GenerationEvent[];
}

async function ask(
  messages: readonly ChatMessage[],
  { thinking, continueLast, ...more }: Partial<GenerateInput> & { thinking?: boolean; continueLast?: boolean } = {},
  onEvent: (event: GenerationEvent) => void = () => undefined,
): Promise<Answered> {
  const events: GenerationEvent[] = [];
  const mode = {
    ...(thinking === undefined ? {} : { thinking }),
    ...(continueLast === undefined ? {} : { continueLast }),
  };
  for await (const event of engine.generate({
    prompt: { kind: 'messages', messages, ...mode },
    sampling: greedy,
    ...more,
  })) {
    events.push(event);
    onEvent(event);
    if (event.type === 'done') return { ...event, events };
  }
  throw new Error('The answer has no end');
}

const user = (content: string): ChatMessage => ({ role: 'user', content });
const sum = user('What is 2 + 2?');
const endless = user('Think without end.');
const thoughtTokens = ({ events }: Answered): number =>
  events.filter((event) => event.type === 'token' && event.token.thought !== undefined).length;

describe('a model that thinks', () => {
  test('says its thought apart from its answer, token by token', async () => {
    const answered = await ask([sum]);
    expect(answered).toMatchObject({
      thought: 'Two and two: I count *one*, two, three, four.',
      text: 'It is 4.',
      reason: 'stop',
    });
    const tokens = answered.events.flatMap((event) => (event.type === 'token' ? [event.token] : []));
    expect(tokens.map(({ thought = '' }) => thought).join('')).toBe(answered.thought);
    expect(tokens.map(({ text }) => text).join('')).toBe('It is 4.');
    expect(engine.loaded?.chatTemplate).toMatchObject({ source: 'file', thinking: 'on' });
  });

  test('answers at once with the switch off', async () => {
    const answered = await ask([sum], { thinking: false });
    expect(answered.text).toBe('It is 4.');
    expect(answered.thought).toBeUndefined();
  });

  test('that mentions a mark in its answer does not think there', async () => {
    const answered = await ask([user('How do I write a thought?')]);
    expect(answered.text).toBe('Write `<think>` before it and `</think>` after it.');
  });

  test('stop strings are about the answer: a thought may contain them', async () => {
    const answered = await ask([sum], { stopStrings: ['two', ' is'] });
    expect(answered).toMatchObject({
      thought: expect.stringContaining('two, three') as string,
      text: 'It',
      reason: 'stop',
    });
  });
});

describe('a budget', () => {
  test.each([1, 7, 30])('of %d tokens closes an endless thought, and the answer begins', async (maxThoughtTokens) => {
    const answered = await ask([endless], { maxThoughtTokens });
    expect(answered).toMatchObject({ text: 'I stopped in time.', reason: 'stop' });
    expect(thoughtTokens(answered)).toBe(maxThoughtTokens);
  });

  test('of 0 tokens leaves no thought', async () => {
    const answered = await ask([endless], { maxThoughtTokens: 0 });
    expect(answered.text).toBe('I stopped in time.');
    expect(answered.thought).toBeUndefined();
  });

  test('that the thought does not reach changes nothing', async () => {
    const [free, bounded] = [await ask([sum]), await ask([sum], { maxThoughtTokens: 100 })];
    expect(bounded.tokens).toEqual(free.tokens);
  });

  test('puts the closing mark into the KV cache, so that a next turn reuses the prompt', async () => {
    const first = await ask([endless], { maxThoughtTokens: 12 });
    const earlier: ChatMessage = { role: 'assistant', content: first.text, thought: first.thought ?? '' };
    const second = await ask([endless, earlier, sum]);
    expect(second.text).toBe('It is 4.');
    expect(second.statistics.reusedTokens).toBe(first.statistics.promptTokens);
    const { contextUsed, generatedTokens, promptTokens } = first.statistics;
    // The closing mark has no sampled token, and the stop token is not fed.
    expect(contextUsed).toBeGreaterThan(promptTokens + generatedTokens - 1);
  });
});

test('stop inside a thought keeps it, and the answer goes on from there', async () => {
  let seen = 0;
  const stopped = await ask([endless], {}, (event) => {
    if (event.type === 'token' && ++seen === 20) engine.stop();
  });
  expect(stopped).toMatchObject({ text: '', reason: 'cancelled' });
  expect(stopped.thought).toMatch(/^Once( and again)+/);
  const begun: ChatMessage = { role: 'assistant', content: '', thought: stopped.thought ?? '' };
  const on = await ask([endless, begun], { continueLast: true, maxThoughtTokens: 8 });
  expect(on.text).toBe('I stopped in time.');
  expect((stopped.thought ?? '') + (on.thought ?? '')).toMatch(/^Once( and again)+( and)?$/);
  expect(on.statistics.reusedTokens).toBeGreaterThan(stopped.statistics.promptTokens);
});

test('earlier thoughts cost the KV cache no more than the template demands: each turn reuses the whole prompt before', async () => {
  const questions = ['Hello!', 'What does it eat?', 'Where does it live?', 'Thank you.'];
  const messages: ChatMessage[] = [];
  const turns: { readonly promptTokens: number; readonly reusedTokens: number }[] = [];
  for (let turn = 0; turn < 10; turn++) {
    messages.push(user(questions[turn % questions.length] ?? ''));
    const { text, thought, statistics } = await ask(messages);
    expect(thought).not.toBe('');
    messages.push({ role: 'assistant', content: text, ...(thought === undefined ? {} : { thought }) });
    turns.push(statistics);
  }
  for (const [index, { reusedTokens }] of turns.entries()) {
    if (index > 0) expect(reusedTokens).toBe(turns[index - 1]?.promptTokens);
  }
  // The tenth turn reads its question and the ninth answer, the first only its question.
  const read = (turn: number): number => (turns[turn]?.promptTokens ?? 0) - (turns[turn]?.reusedTokens ?? 0);
  expect(read(9) / turns[9]!.promptTokens).toBeLessThan(0.2);
});
