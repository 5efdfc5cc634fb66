import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineHost } from './engine-host.ts';
import type { GenerationEvent } from './engine-host.ts';
import { ScriptedEngine, settled } from './testing/scripted-engine.ts';

const bundle = { program: '/m.pte', data: [], tokenizer: '/t.model' };
const input = { prompt: { kind: 'text', text: 'x' } } as never;
const load = { bundle, onProgress: () => undefined };
let engine: ScriptedEngine;
let lost: string[];
let host: EngineHost;

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  engine = new ScriptedEngine();
  lost = [];
  host = new EngineHost(engine, ({ code }) => lost.push(code));
});
afterEach(() => vi.useRealTimers());

test('asks for the model only once the process is ready', async () => {
  const loading = host.load(load);
  await settled();
  expect(engine.requests).toEqual([]);
  await engine.load();
  expect((await loading).name).toBe('Tiny');
});

test('an answer gets its own events and no more after its end', () => {
  const heard: GenerationEvent['type'][] = [];
  host.generate('g', input, ({ type }) => heard.push(type));
  engine.say({
    type: 'prefilled',
    id: 'g',
    promptTokens: 1,
    reusedTokens: 0,
    prefillUs: 1,
    chunks: [],
    residentBytes: 1000,
  });
  engine.say({ type: 'tokens', id: 'another', tokens: [] });
  engine.tokens('a');
  engine.done('a');
  engine.tokens('late');
  expect(heard).toEqual(['prefilled', 'tokens', 'done']);
});

test('a process that ends by itself settles everything that waits for it', async () => {
  const loading = host.load(load);
  const events: GenerationEvent[] = [];
  host.generate('g', input, (event) => events.push(event));
  engine.exit(11);
  await expect(loading).rejects.toMatchObject({ error: { code: 'engine-crashed' } });
  expect(events).toMatchObject([{ type: 'lost', error: { code: 'engine-crashed' } }]);
  expect(lost).toEqual(['engine-crashed']);
});

test('a load that no longer goes on is hung after five minutes without a sign, and its process is ended', async () => {
  vi.spyOn(process, 'kill').mockImplementation(() => {
    engine.exit(9);
    return true;
  });
  const loading = host.load(load);
  engine.say({ type: 'ready' });
  await settled();
  vi.advanceTimersByTime(299_000);
  engine.say({ type: 'loading', id: '', progress: { stage: 'prepare', bytesDone: 1, bytesTotal: 2 } });
  vi.advanceTimersByTime(300_000);
  expect(engine.pid).toBeDefined();
  vi.advanceTimersByTime(1000);
  expect(engine.pid).toBeUndefined();
  await expect(loading).rejects.toMatchObject({
    error: { code: 'engine-unresponsive', message: expect.stringContaining('stopped loading') as string },
  });
});

test('a model that has loaded is not watched any more', async () => {
  const loading = host.load(load);
  await engine.load();
  await loading;
  vi.advanceTimersByTime(3_600_000);
  expect(engine.pid).toBeDefined();
});

test('a process that was asked to end is not lost', async () => {
  await host.end();
  expect(lost).toEqual([]);
  await host.end();
  expect(engine.requests.map(({ type }) => type)).toEqual(['shutdown']);
});

test('stop is sent for an answer that runs, once it runs', () => {
  host.stop('g');
  host.generate('g', input, () => undefined);
  host.stop('g');
  engine.done('');
  host.stop('g');
  expect(engine.requests.map(({ type }) => type)).toEqual(['generate', 'stop']);
});

describe('an answer without tokens', () => {
  const prefilled = {
    type: 'prefilled',
    id: 'g',
    promptTokens: 1,
    reusedTokens: 0,
    prefillUs: 1,
    chunks: [],
    residentBytes: 1000,
  } as const;
  let events: GenerationEvent[];
  beforeEach(() => {
    events = [];
    vi.spyOn(process, 'kill').mockImplementation(() => {
      engine.exit(9);
      return true;
    });
    host.generate('g', input, (event) => events.push(event));
  });
  const wait = (seconds: number): unknown => vi.advanceTimersByTime(seconds * 1000);
  const end = (): unknown => events.find(({ type }) => type === 'lost');

  test('is hung after ten seconds, and its process is ended', () => {
    engine.say(prefilled);
    wait(10);
    expect(end()).toBeUndefined();
    wait(1);
    expect(end()).toMatchObject({ error: { code: 'engine-unresponsive' } });
    expect(lost).toEqual(['engine-unresponsive']);
  });

  test('is not hung while its prompt is read', () => {
    wait(3600);
    expect(end()).toBeUndefined();
  });

  test('is not hung while tokens come, however long it is', () => {
    engine.say(prefilled);
    for (let second = 0; second < 60; second += 9) {
      wait(9);
      engine.tokens('a');
    }
    engine.done('a');
    wait(60);
    expect(end()).toBeUndefined();
  });

  test('has the patience of twenty of its slowest steps', () => {
    engine.say(prefilled);
    const token = { id: 1, text: 'a', stepUs: 3_000_000, samplingUs: 1 };
    engine.say({ type: 'tokens', id: 'g', tokens: [token] });
    wait(60);
    expect(end()).toBeUndefined();
    wait(1);
    expect(end()).toBeDefined();
  });
});

test('an answer whose model is unloaded says so', async () => {
  const events: GenerationEvent[] = [];
  host.generate('g', input, (event) => events.push(event));
  await host.end();
  expect(events).toMatchObject([{ type: 'lost', error: { code: 'engine-lost' } }]);
});

test('a process that does not answer is told to end, then killed', async () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    engine.exit(9);
    return true;
  });
  const told = vi.spyOn(engine, 'kill').mockReturnValue(undefined);
  vi.spyOn(engine, 'post').mockReturnValue(undefined);
  const { pid } = engine;
  const ended = host.end();
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toHaveBeenCalledOnce();
  expect(kill).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1000);
  await ended;
  expect(kill).toHaveBeenCalledWith(pid, 'SIGKILL');
});
