import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineHost } from './engine-host.ts';
import type { AnswerEvent } from './engine-host.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { ScriptedEngine, settled } from '../testing/scripted-engine.ts';

const bundle = { program: '/m.pte', data: [], tokenizer: '/t.model' };
const input = { prompt: { kind: 'text', text: 'x' } } as never;
const load = { bundle, onProgress: () => undefined };
let engine: ScriptedEngine;
let lost: string[];
let host: EngineHost;
let clock: ManualClock;

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  engine = new ScriptedEngine();
  lost = [];
  clock = new ManualClock();
  host = new EngineHost(engine, ({ code }) => lost.push(code), undefined, clock);
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
  const heard: AnswerEvent['type'][] = [];
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

test('a crash settles everything that waits for the process', async () => {
  const loading = host.load(load);
  const events: AnswerEvent[] = [];
  host.generate('g', input, (event) => events.push(event));
  engine.exit(11);
  await expect(loading).rejects.toMatchObject({ error: { code: 'engine-crashed' } });
  expect(events).toMatchObject([{ type: 'lost', error: { code: 'engine-crashed' } }]);
  expect(lost).toEqual(['engine-crashed']);
});

test('a load without progress for five minutes hangs, and its process is ended', async () => {
  const loading = host.load(load);
  engine.say({ type: 'ready' });
  await settled();
  clock.pass(299_000);
  engine.say({ type: 'loading', id: '', progress: { stage: 'prepare', bytesDone: 1, bytesTotal: 2 } });
  clock.pass(300_000);
  expect(engine.pid).toBeDefined();
  clock.pass(1000);
  expect(engine.pid).toBeUndefined();
  await expect(loading).rejects.toMatchObject({
    error: { code: 'engine-unresponsive', message: expect.stringContaining('stopped loading') as string },
  });
});

test('a loaded model is not watched any more', async () => {
  const loading = host.load(load);
  await engine.load();
  await loading;
  clock.pass(3_600_000);
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
  let events: AnswerEvent[];
  beforeEach(() => {
    events = [];
    host.generate('g', input, (event) => events.push(event));
  });
  const wait = (seconds: number): void => clock.pass(seconds * 1000);
  const end = (): unknown => events.find(({ type }) => type === 'lost');

  test('hangs after ten seconds, and its process is ended', () => {
    engine.say(prefilled);
    wait(10);
    expect(end()).toBeUndefined();
    wait(1);
    expect(end()).toMatchObject({ error: { code: 'engine-unresponsive' } });
    expect(lost).toEqual(['engine-unresponsive']);
  });

  const chunk = (seconds: number): void =>
    engine.say({ type: 'prefilling', id: 'g', chunk: { tokens: 1, wallUs: seconds * 1_000_000 } });

  test('does not hang while its prompt is read, however long it is', () => {
    for (let part = 0; part < 400; part++) {
      wait(9);
      chunk(9);
    }
    expect(end()).toBeUndefined();
  });

  test('hangs in its prompt after five minutes without a chunk, and sooner once the time of a chunk is known', () => {
    wait(300);
    chunk(2);
    wait(40);
    expect(end()).toBeUndefined();
    wait(1);
    expect(end()).toMatchObject({ error: { code: 'engine-unresponsive' } });
  });

  test('hangs if its prompt is never started', () => {
    wait(300);
    expect(end()).toBeUndefined();
    wait(1);
    expect(end()).toBeDefined();
  });

  test('is ended half a minute after an unanswered stop, also before its prompt has started', () => {
    wait(200);
    host.stop('g');
    wait(30);
    expect(end()).toBeUndefined();
    wait(1);
    expect(end()).toMatchObject({ error: { code: 'engine-unresponsive' } });
  });

  test('a slow prompt does not increase the patience for tokens', () => {
    chunk(60);
    engine.say(prefilled);
    wait(11);
    expect(end()).toBeDefined();
  });

  describe('on a machine that sleeps', () => {
    const hour = 3_600_000;
    beforeEach(() => engine.say(prefilled));

    test('does not hang after a sleep without notice, and gets its full time after the wake-up', () => {
      wait(10);
      clock.sleep(hour);
      wait(10);
      expect(end()).toBeUndefined();
      wait(1);
      expect(end()).toBeDefined();
    });

    test('does not hang between the notices of the system', () => {
      wait(10);
      host.suspend();
      wait(30);
      clock.sleep(hour);
      wait(30);
      host.resume();
      wait(10);
      expect(end()).toBeUndefined();
      wait(1);
      expect(end()).toBeDefined();
    });

    test('a hang is found although no notice of the wake-up came', () => {
      host.suspend();
      clock.sleep(hour);
      wait(70);
      expect(end()).toBeUndefined();
      wait(1);
      expect(end()).toBeDefined();
    });

    test('a hang is found if the answer went on after the notice of sleep', () => {
      host.suspend();
      engine.tokens('a');
      wait(11);
      expect(end()).toBeDefined();
    });
  });

  test('does not hang while tokens arrive, however long it is', () => {
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

test('an answer whose model is unloaded reports that', async () => {
  const events: AnswerEvent[] = [];
  host.generate('g', input, (event) => events.push(event));
  await host.end();
  expect(events).toMatchObject([{ type: 'lost', error: { code: 'engine-lost' } }]);
});

test('a process that does not react is asked to end, then killed', async () => {
  const destroy = vi.spyOn(engine, 'destroy');
  const told = vi.spyOn(engine, 'kill').mockReturnValue(undefined);
  vi.spyOn(engine, 'post').mockReturnValue(undefined);
  const ended = host.end();
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toHaveBeenCalledOnce();
  expect(destroy).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1000);
  await ended;
  expect(destroy).toHaveBeenCalledOnce();
});
