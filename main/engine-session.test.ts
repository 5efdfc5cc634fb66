import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EngineSession } from './engine-session.ts';
import type { GenerationEvent } from './engine-session.ts';
import { ScriptedEngine, settled } from './testing/scripted-engine.ts';

const bundle = { program: '/m.pte', data: [], tokenizer: '/t.model' };
const input = { prompt: { kind: 'text', text: 'x' } } as never;
const load = { bundle, onProgress: () => undefined };
let engine: ScriptedEngine;
let lost: string[];
let session: EngineSession;

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  engine = new ScriptedEngine();
  lost = [];
  session = new EngineSession(engine, ({ code }) => lost.push(code));
});
afterEach(() => vi.useRealTimers());

test('asks for the model only once the process is ready', async () => {
  const loading = session.load(load);
  await settled();
  expect(engine.requests).toEqual([]);
  await engine.load();
  expect((await loading).name).toBe('Tiny');
});

test('an answer gets its own events and no more after its end', () => {
  const heard: GenerationEvent['type'][] = [];
  session.generate('g', input, ({ type }) => heard.push(type));
  engine.say({ type: 'prefilled', id: 'g', promptTokens: 1, reusedTokens: 0, prefillUs: 1 });
  engine.say({ type: 'tokens', id: 'another', tokens: [] });
  engine.tokens('a');
  engine.done('a');
  engine.tokens('late');
  expect(heard).toEqual(['prefilled', 'tokens', 'done']);
});

test('a process that ends by itself settles everything that waits for it', async () => {
  const loading = session.load(load);
  const events: GenerationEvent[] = [];
  session.generate('g', input, (event) => events.push(event));
  engine.exit(11);
  await expect(loading).rejects.toMatchObject({ error: { code: 'engine-crashed' } });
  expect(events).toMatchObject([{ type: 'lost', error: { code: 'engine-crashed' } }]);
  expect(lost).toEqual(['engine-crashed']);
});

test('a process that was asked to end is not lost', async () => {
  await session.end();
  expect(lost).toEqual([]);
  await session.end();
  expect(engine.requests.map(({ type }) => type)).toEqual(['shutdown']);
});

test('stop is sent for an answer that runs, once it runs', () => {
  session.stop('g');
  session.generate('g', input, () => undefined);
  session.stop('g');
  engine.done('');
  session.stop('g');
  expect(engine.requests.map(({ type }) => type)).toEqual(['generate', 'stop']);
});

test('a process that does not answer is told to end, then killed', async () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    engine.exit(9);
    return true;
  });
  const told = vi.spyOn(engine, 'kill').mockReturnValue(undefined);
  vi.spyOn(engine, 'post').mockReturnValue(undefined);
  const { pid } = engine;
  const ended = session.end();
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toHaveBeenCalledOnce();
  expect(kill).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1000);
  await ended;
  expect(kill).toHaveBeenCalledWith(pid, 'SIGKILL');
});
