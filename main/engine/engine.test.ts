import { afterEach, describe, expect, test } from 'vitest';
import { loadAddon } from './addon.ts';
import { Engine, type GenerationEvent } from './engine.ts';
import { EngineFailure } from './errors.ts';
import { createFakeAddon, parseScript } from './fake-addon.ts';
import { nativeRunners } from './native-runner.ts';
import type { GenerateInput } from './protocol.ts';
import type { MeasuringOptions } from './runner.ts';
import { defaultBundle, expected, fixtureBundle, greedy, scriptedBundle } from './testing/bundles.ts';

type Done = Extract<GenerationEvent, { type: 'done' }>;

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.unload()));
});

async function fixture(): Promise<Engine> {
  const engine = new Engine(nativeRunners(await loadAddon()));
  engines.push(engine);
  await engine.load(fixtureBundle);
  return engine;
}

/** An engine whose model follows a script, e.g. `rate=100&hangAt=3`. */
async function scripted(script: string): Promise<Engine> {
  const engine = new Engine(nativeRunners(createFakeAddon(parseScript(script))));
  engines.push(engine);
  await engine.load(scriptedBundle());
  return engine;
}

const text = (value: string, more: Partial<GenerateInput> = {}): GenerateInput => ({
  prompt: { kind: 'text', text: value },
  sampling: greedy,
  ...more,
});
const chat = (...contents: string[]): GenerateInput => ({
  prompt: {
    kind: 'messages',
    messages: contents.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
  },
  sampling: greedy,
});

async function answer(engine: Engine, input: GenerateInput, measuring?: MeasuringOptions): Promise<Done> {
  let done: Done | undefined;
  for await (const event of engine.generate(input, measuring)) if (event.type === 'done') done = event;
  if (!done) throw new Error('The answer has no end');
  return done;
}

async function failureOf(task: () => Promise<unknown>): Promise<{ code: string; message: string } | undefined> {
  try {
    await task();
    return undefined;
  } catch (error) {
    if (error instanceof EngineFailure) return { code: error.code, message: error.message };
    throw error;
  }
}

describe('the trained fixture', () => {
  test('gives the trained answer, token for token, in raw text and in chats', async () => {
    const engine = await fixture();
    for (const { prompt, messages, continuation, reason, promptTokens, tokens } of expected) {
      const events: GenerationEvent[] = [];
      const input: GenerateInput = {
        prompt: messages ? { kind: 'messages', messages } : { kind: 'text', text: prompt },
        sampling: greedy,
        ...(reason === 'length' ? { maxTokens: tokens.length } : {}),
      };
      for await (const event of engine.generate(input)) events.push(event);
      const done = events.at(-1);
      expect(done).toMatchObject({
        type: 'done',
        text: continuation,
        tokens,
        reason,
        statistics: { promptTokens: promptTokens.length, generatedTokens: tokens.length },
      });
      const shown = events.flatMap((event) => (event.type === 'token' ? [event.token] : []));
      expect(shown.map(({ id }) => id)).toEqual(tokens);
      expect(shown.map((token) => token.text).join('')).toBe(continuation);
      expect(events[0]).toMatchObject({ type: 'prefilled', promptTokens: promptTokens.length });
    }
  });

  test('gives the same answer for the same ids', async () => {
    const engine = await fixture();
    for (const { promptTokens, continuation, tokens } of expected.slice(0, 5)) {
      const done = await answer(engine, {
        prompt: { kind: 'tokens', tokens: promptTokens },
        sampling: greedy,
        maxTokens: tokens.length,
      });
      expect(done.text).toBe(continuation);
    }
  });

  test('describes itself', async () => {
    const engine = await fixture();
    expect(engine.loaded).toMatchObject({
      name: 'Tiny wyvern (test model)',
      license: 'Apache-2.0',
      facts: { contract: 'llama', backends: ['XnnpackBackend'], vocabSize: 512, contextLength: 512, kvCache: true },
      tokenizer: { kind: 'sentencepiece', vocabSize: 512 },
      chatTemplate: { source: 'manifest' },
    });
  });

  test('computes only the new tokens of a later turn, and answers as if all were new', async () => {
    const engine = await fixture();
    const contents = ['My name is Ada.'];
    for (const next of ['My name is Bruno.', 'What is my name?', 'Thank you.']) {
      const first = await answer(engine, chat(...contents));
      contents.push(first.text, next);
      const second = await answer(engine, chat(...contents));
      const { promptTokens, reusedTokens, prefillChunks } = second.statistics;
      expect(reusedTokens).toBeGreaterThanOrEqual(first.statistics.promptTokens + first.tokens.length);
      expect(prefillChunks.reduce((sum, chunk) => sum + chunk.tokens, 0)).toBe(promptTokens - reusedTokens);
      const fresh = await answer(engine, chat(...contents), { fromEmptyCache: true });
      expect(fresh.statistics.reusedTokens).toBe(0);
      expect(fresh.tokens).toEqual(second.tokens);
    }
  });

  test('computes only the last token of a repeated prompt, and returns to the common prefix for an earlier path', async () => {
    const engine = await fixture();
    const once = await answer(engine, chat('Hello!'));
    const again = await answer(engine, chat('Hello!'));
    expect(again.statistics.reusedTokens).toBe(again.statistics.promptTokens - 1);
    expect(again.tokens).toEqual(once.tokens);
    const other = await answer(engine, chat('Hi'));
    expect(other.text).toBe(expected.find(({ prompt }) => prompt.includes('|>Hi<|'))?.continuation);
    expect(other.statistics.reusedTokens).toBeGreaterThan(0);
    expect(other.statistics.reusedTokens).toBeLessThan(other.statistics.promptTokens - 1);
  });

  test('a stop string ends the answer and is not in the answer', async () => {
    const engine = await fixture();
    const { continuation = '' } = expected[0] ?? {};
    const stop = 'old stone';
    const events: GenerationEvent[] = [];
    for await (const event of engine.generate(text('The wyvern', { stopStrings: ['never', stop] }))) events.push(event);
    const wanted = continuation.slice(0, continuation.indexOf(stop));
    expect(events.at(-1)).toMatchObject({ type: 'done', text: wanted, reason: 'stop' });
    expect(events.flatMap((event) => (event.type === 'token' ? [event.token.text] : [])).join('')).toBe(wanted);
  });

  test('returns the text held back for a stop string when the answer ends', async () => {
    const engine = await fixture();
    const { continuation = '' } = expected[0] ?? {};
    const done = await answer(engine, text('The wyvern', { stopStrings: [`${continuation.slice(-3)} and more`] }));
    expect(done.text).toBe(continuation);
  });

  test('ends at the token limit, and never exceeds the context', async () => {
    const engine = await fixture();
    expect(await answer(engine, text('The wyvern', { maxTokens: 3 }))).toMatchObject({
      reason: 'length',
      tokens: { length: 3 },
    });
    const contextLength = engine.loaded?.facts.contextLength ?? 0;
    const full = await answer(engine, text('The wyvern'), { ignoreStopTokens: true });
    expect(full.reason).toBe('context');
    expect(full.statistics.contextUsed).toBe(contextLength);
    // The last token was sampled but needs no place in the KV cache.
    expect(full.statistics.promptTokens + full.tokens.length).toBe(contextLength + 1);
    expect((await answer(engine, text('The wyvern'))).text).toBe(expected[0]?.continuation);
  });

  test('refuses a prompt as long as the context with both numbers, and answers one that is a token shorter', async () => {
    const engine = await fixture();
    const tokens = (length: number): GenerateInput => ({
      prompt: { kind: 'tokens', tokens: Array.from({ length }, () => 300) },
      sampling: greedy,
    });
    expect(await failureOf(() => answer(engine, tokens(512)))).toEqual({
      code: 'prompt-too-long',
      message: expect.stringMatching(/512 tokens.*512/) as string,
    });
    expect(await failureOf(() => answer(engine, tokens(100_000)))).toMatchObject({ code: 'prompt-too-long' });
    expect(await answer(engine, tokens(511), { ignoreStopTokens: true })).toMatchObject({
      reason: 'context',
      tokens: { length: 2 },
    });
  });

  test('a refused prompt does not change the KV cache', async () => {
    const engine = await fixture();
    const { statistics } = await answer(engine, chat('Hello!'));
    expect(await failureOf(() => answer(engine, text('')))).toMatchObject({ code: 'prompt-empty' });
    expect((await answer(engine, chat('Hello!'))).statistics.reusedTokens).toBe(statistics.promptTokens - 1);
  });

  test('continues a cut answer exactly, and computes only the new tokens', async () => {
    const engine = await fixture();
    const question = chat('Tell me about the wyvern.');
    const whole = await answer(engine, question);
    for (const maxTokens of [1, 7, 40]) {
      const first = await answer(engine, { ...question, maxTokens });
      expect(first.reason).toBe('length');
      const messages = [
        { role: 'user', content: 'Tell me about the wyvern.' },
        { role: 'assistant', content: first.text },
      ] as const;
      const rest = await answer(engine, {
        prompt: { kind: 'messages', messages, continueLast: true },
        sampling: greedy,
      });
      expect(first.text + rest.text).toBe(whole.text);
      expect(rest.statistics.reusedTokens).toBeGreaterThan(rest.statistics.promptTokens / 2);
    }
  });

  test('counts the tokens of plain text and of a whole prompt, also during an answer', async () => {
    const engine = await fixture();
    const { prompt } = chat('Who are you?');
    const { statistics } = await answer(engine, { prompt, sampling: greedy });
    if (prompt.kind !== 'messages') throw new Error('unreachable');
    expect(engine.count(prompt)).toBe(statistics.promptTokens);
    expect(engine.count({ kind: 'plain', text: '' })).toBe(0);
    expect(engine.count({ kind: 'plain', text: 'Who are you?' })).toBeLessThan(statistics.promptTokens);
    for await (const event of engine.generate(chat('Hi'))) {
      if (event.type === 'token') expect(engine.count({ kind: 'plain', text: 'pear' })).toBeGreaterThan(0);
    }
    expect(engine.count({ kind: 'plain', text: 'pear '.repeat(3000) })).toBeGreaterThan(
      engine.loaded!.facts.contextLength,
    );
  });

  test('a seed makes sampling repeatable', async () => {
    const engine = await fixture();
    const draw = async (seed: number): Promise<string> =>
      (
        await answer(engine, text('The', { sampling: { ...greedy, temperature: 3, seed }, maxTokens: 40 }))
      ).tokens.join();
    expect(await draw(1)).toBe(await draw(1));
    expect(await draw(1)).not.toBe(await draw(2));
  });

  test.each([
    ['temperature', Number.NaN],
    ['temperature', -1],
    ['topP', 0],
    ['topP', 2],
    ['topK', -1],
    ['topK', 0.5],
    ['minP', 1],
    ['repetitionPenalty', 0],
    ['seed', 2 ** 60],
  ] as const)('%s %d is refused, and the engine stays usable', async (name, value) => {
    const engine = await fixture();
    const input = text('The wyvern', { sampling: { ...greedy, [name]: value } });
    expect(await failureOf(() => answer(engine, input))).toMatchObject({ code: 'option-invalid' });
    expect((await answer(engine, text('The wyvern'))).text).toBe(expected[0]?.continuation);
  });

  test('a second model replaces the first', async () => {
    const engine = await fixture();
    await engine.load(fixtureBundle);
    expect((await answer(engine, text('The wyvern'))).text).toBe(expected[0]?.continuation);
  });
});

describe('the default model', () => {
  test('names Paris, and computes only the new tokens of the next turn', async () => {
    const engine = new Engine(nativeRunners(await loadAddon()));
    engines.push(engine);
    await engine.load(defaultBundle);
    const first = await answer(engine, { ...chat('What is the capital of France?'), maxTokens: 6 });
    expect(first.text).toContain('Paris');
    const second = await answer(engine, {
      ...chat('What is the capital of France?', first.text, 'And of Spain?'),
      maxTokens: 1,
    });
    // The last token of an answer cut by length was never computed.
    expect(second.statistics.reusedTokens).toBe(first.statistics.promptTokens + first.tokens.length - 1);
  });
});

describe('one thing at a time', () => {
  test('refuses a second answer, a load, and an unload with a load during an answer', async () => {
    const engine = await scripted('repeat=0&rate=1000');
    const running = engine.generate(text('a'));
    await running.next();
    const busy = { code: 'busy', message: 'The engine is answering.' };
    expect(await failureOf(() => answer(engine, text('b')))).toEqual(busy);
    expect(await failureOf(() => engine.load(scriptedBundle()))).toEqual(busy);
    engine.stop();
    for await (const event of running) if (event.type === 'done') expect(event.reason).toBe('cancelled');
    expect((await answer(engine, text('c', { maxTokens: 2 }))).text).toBe('He');
  });

  test('refuses requests before a model is loaded and while one loads', async () => {
    const engine = new Engine(nativeRunners(createFakeAddon(parseScript(''))));
    engines.push(engine);
    expect(await failureOf(() => answer(engine, text('a')))).toMatchObject({ code: 'not-loaded' });
    const loading = engine.load(scriptedBundle());
    expect(await failureOf(() => answer(engine, text('a')))).toMatchObject({ code: 'busy' });
    expect(await failureOf(() => engine.load(scriptedBundle()))).toMatchObject({ code: 'busy' });
    await loading;
    await engine.unload();
    await engine.unload();
    expect(await failureOf(() => answer(engine, text('a')))).toMatchObject({ code: 'not-loaded' });
  });
});

describe('stopping', () => {
  test('during decoding keeps the text so far, also after repeated stops', async () => {
    const engine = await scripted('repeat=0&rate=500');
    engine.stop();
    const seen: string[] = [];
    for await (const event of engine.generate(text('a'))) {
      if (event.type === 'token') seen.push(event.token.text);
      if (seen.length === 5) {
        engine.stop();
        engine.stop();
      }
      if (event.type === 'done')
        expect(event).toMatchObject({ reason: 'cancelled', text: 'Hello', tokens: { length: 5 } });
    }
    expect(seen.join('')).toBe('Hello');
    engine.stop();
    expect((await answer(engine, text('a', { maxTokens: 1 }))).reason).toBe('length');
  });

  test('during a long prefill ends it at the next chunk and keeps the finished chunks for the next prompt', async () => {
    const engine = await scripted('prefillRate=1000&prefillLength=10&contextLength=1000');
    const long = text('x'.repeat(500));
    const running = answer(engine, long);
    setImmediate(() => engine.stop());
    const done = await running;
    expect(done).toMatchObject({ reason: 'cancelled', text: '', tokens: [] });
    const { contextUsed } = done.statistics;
    expect(contextUsed).toBeLessThan(500);
    expect(contextUsed).toBeGreaterThan(0);
    const again = answer(engine, long);
    setImmediate(() => engine.stop());
    expect((await again).statistics.reusedTokens).toBe(contextUsed);
  });

  test('by leaving the iteration', async () => {
    const engine = await scripted('repeat=0');
    for await (const event of engine.generate(text('a'))) if (event.type === 'token') break;
    expect((await answer(engine, text('a', { maxTokens: 3 }))).text).toBe('Hel');
  });

  test('unloading during an answer ends the answer first', async () => {
    const engine = await scripted('repeat=0&rate=500');
    const running = engine.generate(text('a'));
    await running.next();
    const rest = (async (): Promise<string | undefined> => {
      for await (const event of running) if (event.type === 'done') return event.reason;
      return undefined;
    })();
    await engine.unload();
    expect(await rest).toBe('cancelled');
    expect(engine.loaded).toBeUndefined();
  });
});

describe('failures', () => {
  test('of a step have a code, and the next answer computes everything again', async () => {
    const engine = await scripted('failAt=3');
    expect(await failureOf(() => answer(engine, text('abc')))).toMatchObject({ code: 'execution-failed' });
    const done = await answer(engine, text('abc', { maxTokens: 2 }));
    expect(done).toMatchObject({ text: 'He', statistics: { reusedTokens: 0 } });
  });

  test('of loading have the code of their kind, and leave nothing loaded', async () => {
    for (const [loadError, code] of [
      ['program-invalid', 'model-invalid'],
      ['operator-missing', 'operator-missing'],
      ['backend-missing', 'backend-missing'],
      ['out-of-memory', 'out-of-memory'],
    ] as const) {
      const engine = new Engine(nativeRunners(createFakeAddon(parseScript(`loadError=${loadError}`))));
      expect(await failureOf(() => engine.load(scriptedBundle()))).toMatchObject({ code });
      expect(engine.loaded).toBeUndefined();
    }
  });

  test('names the operators that the runtime lacks and their provider before the load', async () => {
    const engine = new Engine(nativeRunners(await loadAddon()));
    const operators = ['aten::add.out', 'llama::rope.out', 'torchao::linear_8bit.out', 'mine::do.out'];
    const stages: string[] = [];
    const load = engine.load(fixtureBundle, { operators, onProgress: ({ stage }) => stages.push(stage) });
    const error = await failureOf(() => load);
    expect(error).toMatchObject({ code: 'operator-missing' });
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /llama::rope\.out \(from ExecuTorch.+torchao::linear_8bit\.out \(from torchao.+mine::do\.out \(from a library of/,
      ) as string,
    });
    expect(error).not.toMatchObject({ message: expect.stringContaining('aten::add.out') as string });
    expect(stages).toEqual([]);
  });

  test('refuses a tokenizer of another model with both sizes', async () => {
    const fake = new Engine(nativeRunners(createFakeAddon(parseScript(''))));
    const foreign = await failureOf(() =>
      fake.load({
        ...scriptedBundle(),
        tokenizer: `${import.meta.dirname}/../../resources/models/smollm2-135m-instruct/tokenizer.json`,
      }),
    );
    expect(foreign).toEqual({
      code: 'tokenizer-mismatch',
      message: 'The tokenizer has 49,152 tokens but the model 258: they do not belong together.',
    });
  });
});
