import { expect, test } from 'vitest';
import { measure } from './benchmark.ts';
import { Engine, type GenerationEvent } from './engine.ts';
import type { GenerateInput, LoadedModel } from './protocol.ts';
import type { AnswerPiece, MeasuringOptions, Runner } from './runner.ts';
import { greedy } from './testing/bundles.ts';

const description: LoadedModel = {
  name: 'Text alone',
  facts: { backends: ['Genie'], contextLength: 64, loadUs: 1 },
  chatTemplate: { source: 'runner' },
  stopTokens: [],
  notes: [],
  residentBytes: 1,
};
const words = ['Once ', 'upon ', 'a ', 'time ', 'STOP', ' there ', 'was'];

/** A runner that takes and returns text: it has no ids, no logits and no choice of template. */
class TextRunner implements Runner {
  readonly description = description;
  readonly read_: { input: GenerateInput; measuring: MeasuringOptions }[] = [];
  stops = 0;
  closed = false;
  #stopped = false;

  read(input: GenerateInput, measuring: MeasuringOptions): ReturnType<Runner['read']> {
    this.read_.push({ input, measuring });
    this.#stopped = false;
    let at = 0;
    const next = async (): Promise<AnswerPiece> => {
      await new Promise((resolve) => setImmediate(resolve));
      const text = words[at++ % words.length] ?? '';
      if (at > words.length && measuring.ignoreStopTokens !== true) return { kind: 'end' };
      const said = { text };
      return { kind: 'token', said, timings: { wallUs: 90, acceleratorUs: 60, samplingUs: 10 }, full: at >= 40 };
    };
    return Promise.resolve({
      prompt: {
        promptTokens: 5,
        reusedTokens: 2,
        encodeUs: 1,
        prefillUs: 30,
        chunks: [{ tokens: 3, wallUs: 30 }],
        stopped: this.#stopped,
      },
      endTexts: [],
      next,
      remaining: () => ({ text: '' }),
      get contextUsed() {
        return 5 + at;
      },
    });
  }

  count(): number {
    return 5;
  }

  stop(): void {
    this.stops++;
    this.#stopped = true;
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

async function load(): Promise<{ engine: Engine; runner: TextRunner }> {
  const runner = new TextRunner();
  const engine = new Engine(() => Promise.resolve(runner));
  await engine.load({ program: '/genie', data: [], tokenizer: '' });
  return { engine, runner };
}
const ask = (more: Partial<GenerateInput> = {}): GenerateInput => ({
  prompt: { kind: 'messages', messages: [{ role: 'user', content: 'Go on' }] },
  sampling: greedy,
  ...more,
});
async function all(engine: Engine, input: GenerateInput): Promise<readonly GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of engine.generate(input)) events.push(event);
  return events;
}

test('a model that takes and returns text answers like any other, with figures', async () => {
  const { engine, runner } = await load();
  const events = await all(engine, ask());
  expect(events[0]).toMatchObject({ type: 'prefilled', promptTokens: 5, reusedTokens: 2, prefillUs: 30 });
  expect(events.at(-1)).toMatchObject({
    type: 'done',
    text: words.join(''),
    tokens: [],
    reason: 'stop',
    statistics: { promptTokens: 5, generatedTokens: 7, prefillRate: 1e5, stepUs: { p50: 100 }, contextLength: 64 },
  });
  const tokens = events.flatMap((event) => (event.type === 'token' ? [event.token] : []));
  expect(tokens[1]).toEqual({ text: 'upon ', stepUs: 100, samplingUs: 10, acceleratorUs: 60 });
  expect(engine.encode('text')).toBeUndefined();
  expect(engine.count({ kind: 'plain', text: 'text' })).toBe(5);
  expect(runner.read_[0]?.input.prompt).toMatchObject({ kind: 'messages' });
});

test('stop strings, the token limit and a full context end its answer', async () => {
  const { engine } = await load();
  const end = async (input: GenerateInput): Promise<GenerationEvent | undefined> => (await all(engine, input)).at(-1);
  expect(await end(ask({ stopStrings: ['STOP'] }))).toMatchObject({ text: 'Once upon a time ', reason: 'stop' });
  expect(await end(ask({ maxTokens: 2 }))).toMatchObject({ text: 'Once upon ', reason: 'length' });
});

test('stops in the middle and answers again afterwards', async () => {
  const { engine, runner } = await load();
  let seen = 0;
  let last: GenerationEvent | undefined;
  for await (const event of engine.generate(ask())) {
    if (event.type === 'token' && ++seen === 2) engine.stop();
    last = event;
  }
  expect(last).toMatchObject({ type: 'done', text: 'Once upon ', reason: 'cancelled' });
  expect(runner.stops).toBe(1);
  expect((await all(engine, ask())).at(-1)).toMatchObject({ reason: 'stop' });
});

test('reports that it has no choice of template, and closes when it is unloaded', async () => {
  const { engine, runner } = await load();
  expect(() => engine.setTemplate({ kind: 'automatic' })).toThrow('by itself');
  await engine.unload();
  expect(runner.closed).toBe(true);
  await expect(engine.generate(ask()).next()).rejects.toMatchObject({ code: 'not-loaded' });
});

test('can be measured by text, with the accelerator’s share', async () => {
  const { engine, runner } = await load();
  const runs: number[] = [];
  const figures = await measure(engine, { promptTokens: 12, tokens: 9, runs: 2 }, (run) => runs.push(run));
  expect(runs).toEqual([0, 1, 2]);
  expect(figures).toMatchObject({ promptTokens: 5, tokens: 9, runs: 2, acceleratorShare: 0.6 });
  expect(runner.read_.map(({ measuring }) => measuring.fromEmptyCache)).toEqual([true, true, true]);
  expect(runner.read_[0]?.input.prompt).toMatchObject({ kind: 'text' });
});

test('a stopped measurement gives no figures', async () => {
  const { engine } = await load();
  const measuring = measure(engine, { promptTokens: 5, tokens: 30, runs: 3 }, (run) => {
    if (run === 1) setImmediate(() => engine.stop());
  });
  expect(await measuring).toBeUndefined();
});
